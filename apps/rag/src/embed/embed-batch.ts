import { type Embedder, ModelError, type ModelErrorCode } from '@xnai/inference';
import type { PendingText, QuarantinedText, TextVector } from '../store/vectors.ts';

export type EmbeddableText = Pick<PendingText, 'hash' | 'text'>;

export interface RefusedText extends QuarantinedText {
  readonly code: ModelErrorCode | 'VECTOR_UNFIT';
}

export interface EmbeddedBatch {
  readonly vectors: readonly TextVector[];
  /** Texts that the model cannot embed, each found out alone. */
  readonly refused: readonly RefusedText[];
}

export interface EmbedBatchDeps {
  readonly embedder: Pick<Embedder, 'embed'>;
  readonly signal: AbortSignal;
  /** Resolves once the model can be asked again after its process has ended. */
  readonly untilReady: () => Promise<void>;
}

/**
 * The vectors of the texts. A batch that fails because of one of them is divided until that text stands alone, so that
 * the others have their vectors.
 *
 * @throws {ModelError} when the failure says nothing about the texts
 */
export async function embedBatch(
  deps: EmbedBatchDeps,
  texts: readonly EmbeddableText[],
): Promise<EmbeddedBatch> {
  try {
    return sortOut(await embedAll(deps, texts));
  } catch (error) {
    deps.signal.throwIfAborted();
    if (!isOfText(error)) throw error;
    const [only] = texts;
    if (only === undefined || texts.length > 1) return await embedParts(deps, texts, error);
    if (SAYS_WHY.has(error.code)) return refuse(only, error);
    return await embedBehindHarmless(deps, only);
  }
}

/** Failures that say themselves that they are of the text. */
const SAYS_WHY: ReadonlySet<ModelErrorCode> = new Set(['INPUT_EMPTY', 'PROMPT_TOO_LONG']);

/** Whether another text may not fail so. A model server that refuses a request does not say whether it refuses all. */
function isOfText(error: unknown): error is ModelError {
  if (!(error instanceof ModelError)) return false;
  const isRefusal = error.code === 'MODEL_SERVER_FAILED' && !error.retryable;
  return SAYS_WHY.has(error.code) || error.code === 'MODEL_CRASHED' || isRefusal;
}

function sortOut(all: readonly TextVector[]): EmbeddedBatch {
  const { fit = [], unfit = [] } = Object.groupBy(all, ({ vector }) => (isFit(vector) ? 'fit' : 'unfit'));
  const reason = 'the model made no vector of numbers of it';
  return { vectors: fit, refused: unfit.map(({ hash }) => ({ hash, reason, code: 'VECTOR_UNFIT' })) };
}

function isFit(vector: Float32Array): boolean {
  return vector.every(Number.isFinite) && vector.some((value) => value !== 0);
}

async function embedAll({ embedder, signal }: EmbedBatchDeps, texts: readonly EmbeddableText[]) {
  const { vectors, parts } = await embedder.embed(
    texts.map(({ text }) => text),
    'document',
    { signal, priority: 'background' },
  );
  return texts.map(({ hash }, index) => ({
    hash,
    vector: vectors[index] as Float32Array,
    isDivided: (parts[index] ?? 1) > 1,
  }));
}

/** By halves, or one by one after a crash: three in a row would open the breaker, and each costs a start of the process. */
async function embedParts(deps: EmbedBatchDeps, texts: readonly EmbeddableText[], error: ModelError) {
  const isCrash = error.code === 'MODEL_CRASHED';
  if (isCrash) await deps.untilReady();
  const size = isCrash ? 1 : Math.ceil(texts.length / 2);
  const parts: EmbeddedBatch[] = [];
  for (let at = 0; at < texts.length; at += size) {
    parts.push(await embedBatch(deps, texts.slice(at, at + size)));
  }
  return {
    vectors: parts.flatMap(({ vectors }) => vectors),
    refused: parts.flatMap(({ refused }) => refused),
  };
}

/**
 * A process may end, and a server refuse, for reasons of its own. It was the text if the model reads a harmless one, and
 * fails at this one again.
 */
async function embedBehindHarmless(deps: EmbedBatchDeps, text: EmbeddableText): Promise<EmbeddedBatch> {
  await deps.untilReady();
  await embedAll(deps, [HARMLESS]);
  try {
    return sortOut(await embedAll(deps, [text]));
  } catch (error) {
    deps.signal.throwIfAborted();
    if (!isOfText(error)) throw error;
    return refuse(text, error);
  }
}

const HARMLESS: EmbeddableText = { hash: '', text: 'a text that every model reads' };

/** The message counts the inputs of a batch, of which this was the only one. */
function refuse({ hash }: EmbeddableText, { code, message }: ModelError): EmbeddedBatch {
  return { vectors: [], refused: [{ hash, reason: message.replace('input 0', 'the text'), code }] };
}
