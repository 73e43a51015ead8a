import { type LlamaModel, LlamaVocabularyType } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import type { CallContext, LoadedModel } from './loaded-model.ts';
import type { LoadedInfo, LoadSettings, ModelCall, ModelReply } from './messages.ts';

/** Reads one text after the other: the library's embedding context holds a single sequence. */
export async function createEmbedModel(
  model: LlamaModel,
  settings: LoadSettings,
  info: LoadedInfo,
): Promise<LoadedModel> {
  const context = await model.createEmbeddingContext(contextOptions(settings));
  const most = settings.contextTokens - 1;
  return createReadingModel(model, info, async (call, options) => {
    if (call.kind !== 'embed') throw new TypeError(`an embedding model takes no ${call.kind} calls`);
    const lengths = call.texts.map((text) => context.calculateInputLength(text));
    const index = lengths.findIndex((length) => length > most);
    if (index !== -1) {
      const detail = `input ${index} has ${lengths[index]} tokens, the embedding model takes ${most}`;
      throw new ModelError('PROMPT_TOO_LONG', { detail });
    }
    const embed = async (text: string) => toUnitLength((await context.getEmbeddingFor(text)).vector);
    const vectors = await readAll(call.texts, embed, options);
    return vectors && { kind: 'vectors', vectors, tokens: sum(lengths) };
  });
}

/** Reads one pair after the other: the library's ranking context holds a single sequence. */
export async function createRerankModel(
  model: LlamaModel,
  settings: LoadSettings,
  info: LoadedInfo,
): Promise<LoadedModel> {
  const context = await model.createRankingContext({
    ...contextOptions(settings),
    ...(model.vocabularyType === LlamaVocabularyType.wpm ? { template: BERT_PAIR } : {}),
  });
  const most = settings.contextTokens - 1;
  return createReadingModel(model, info, async (call, options) => {
    if (call.kind !== 'rerank') throw new TypeError(`a reranking model takes no ${call.kind} calls`);
    const { query, texts } = call;
    const lengths = texts.map((text) => context.calculateInputLength(query, text));
    const queryTokens = context.calculateInputLength(query, '');
    if (queryTokens > most) {
      const detail = `the query has ${queryTokens} tokens, the reranking model takes ${most}`;
      throw new ModelError('PROMPT_TOO_LONG', { detail });
    }
    // A text that is too long for the model is scored in overlapping parts; the best part counts.
    const rank = (text: string) => context.rank(query, text, { onOverflow: 'maxChunk' });
    const scores = await readAll(texts, rank, options);
    return scores && { kind: 'scores', scores, tokens: sum(lengths) };
  });
}

/** `read` returns undefined when the call was aborted. */
function createReadingModel(
  { llama }: LlamaModel,
  info: LoadedInfo,
  read: (call: ModelCall, options: CallContext) => Promise<ModelReply | undefined>,
): LoadedModel {
  return {
    info,
    run: async (call, options) => options.reply((await read(call, options)) ?? { kind: 'aborted' }),
    share(isShared) {
      // 0 is the library's "no limit": as many threads as the context was opened with.
      llama.maxThreads = isShared ? 1 : 0;
    },
  };
}

async function readAll<T>(
  texts: readonly string[],
  read: (text: string) => Promise<T>,
  { signal, reply }: CallContext,
): Promise<readonly T[] | undefined> {
  const results: T[] = [];
  for (const text of texts) {
    if (signal.aborted) return undefined;
    results.push(await read(text));
    reply({ kind: 'progress' });
  }
  return results;
}

/** The library's own layout leaves out BERT's last separator, which cross-encoders are trained with. */
const BERT_PAIR = '[CLS]{{query}}[SEP]{{document}}[SEP]';

function contextOptions({ contextTokens, threads }: LoadSettings) {
  return {
    contextSize: contextTokens,
    batchSize: contextTokens,
    threads,
    ignoreMemorySafetyChecks: true,
  };
}

function toUnitLength(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return Float32Array.from(vector, (x) => x / length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
