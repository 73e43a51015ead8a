import { type LlamaModel, LlamaVocabularyType } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import type { LoadedInfo, LoadSettings } from '../process/ipc.ts';
import type { LoadedModel } from './loaded-model.ts';
import { shareCores } from './share-cores.ts';

/** One pair after the other: the library's ranking context holds a single sequence. */
export async function createRerankModel(
  model: LlamaModel,
  { contextTokens, threads }: LoadSettings,
  info: LoadedInfo,
): Promise<LoadedModel> {
  const context = await model.createRankingContext({
    contextSize: contextTokens,
    batchSize: contextTokens,
    threads,
    ignoreMemorySafetyChecks: true,
    ...(model.vocabularyType === LlamaVocabularyType.wpm ? { template: BERT_PAIR } : {}),
  });
  return {
    info,
    share: (isShared) => shareCores(model, isShared),
    async run(call, { signal, reply }) {
      if (call.kind !== 'rerank') throw new TypeError(`a reranking model takes no ${call.kind} calls`);
      const lengths = call.texts.map((text) => context.calculateInputLength(call.query, text));
      const queryTokens = context.calculateInputLength(call.query, '');
      if (queryTokens >= contextTokens) {
        throw new ModelError('PROMPT_TOO_LONG', {
          detail: `the query has ${queryTokens} tokens, the reranking model takes ${contextTokens - 1}`,
        });
      }
      const scores: number[] = [];
      for (const text of call.texts) {
        if (signal.aborted) return reply({ kind: 'aborted' });
        // A text too long for the model is scored in overlapping parts, the best of which counts.
        scores.push(await context.rank(call.query, text, { onOverflow: 'maxChunk' }));
        reply({ kind: 'progress' });
      }
      reply({ kind: 'scores', scores, tokens: lengths.reduce((sum, n) => sum + n, 0) });
    },
  };
}

/** The library's own layout leaves out BERT's last separator, with which cross-encoders are trained. */
const BERT_PAIR = '[CLS]{{query}}[SEP]{{document}}[SEP]';
