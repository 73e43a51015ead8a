import { type LlamaModel, LlamaVocabularyType, type Token } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import { divideTexts } from './divide-texts.ts';
import type { CallContext, LoadedModel } from './loaded-model.ts';
import type { LoadedInfo, LoadSettings, ModelCall, ModelReply } from './messages.ts';

/** Reads one text after the other: the library's embedding context holds a single sequence. */
export async function createEmbedModel(
  model: LlamaModel,
  settings: LoadSettings,
  info: LoadedInfo,
): Promise<LoadedModel> {
  const context = await model.createEmbeddingContext(contextOptions(settings));
  const mostTokens = settings.contextTokens - 1;
  const tokenize = (text: string) => model.tokenize(text);
  const lengthOf = (tokens: readonly Token[]) => context.calculateInputLength([...tokens]);
  return createReadingModel(model, info, async (call, options) => {
    if (call.kind !== 'embed') throw new TypeError(`an embedding model takes no ${call.kind} calls`);
    const texts = divideTexts(call, { mostTokens, tokenize, lengthOf });
    const embed = async (part: readonly Token[]) =>
      toUnitLength((await context.getEmbeddingFor([...part])).vector);
    const vectors = await readAll(texts.flat(), embed, options);
    return (
      vectors && {
        kind: 'vectors',
        vectors: joinParts(texts, vectors),
        parts: texts.map(({ length }) => length),
        tokens: sum(texts.flat().map(lengthOf)),
      }
    );
  });
}

/** The vector of each text, out of those of its parts, which are about equally long. */
function joinParts(
  texts: readonly (readonly unknown[])[],
  vectors: readonly Float32Array[],
): readonly Float32Array[] {
  let from = 0;
  return texts.map(({ length }) => {
    const parts = vectors.slice(from, from + length);
    from += length;
    const [first = new Float32Array()] = parts;
    if (length === 1) return first;
    return toUnitLength(Array.from(first, (_, n) => sum(parts.map((part) => part[n] ?? 0))));
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

async function readAll<Text, T>(
  texts: readonly Text[],
  read: (text: Text) => Promise<T>,
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
