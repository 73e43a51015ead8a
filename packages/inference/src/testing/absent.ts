import type { Embedder, Generator, ModelState, Models, Reranker } from '../model.ts';
import { ModelError } from '../model-error.ts';

/** A replica for which no model is configured: every call fails at once, with the reason. */
export function createAbsentModels(): Models {
  return {
    generator: createAbsentGenerator(),
    embedder: createAbsentEmbedder(),
    reranker: createAbsentReranker(),
  };
}

function createAbsentGenerator(detail = 'no generation model is configured'): Generator {
  const fail = () => new ModelError('MODEL_NOT_READY', { detail });
  return {
    ...port(detail),
    generate: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(fail()) }),
    }),
    judge: () => Promise.reject(fail()),
    onReady: () => undefined,
    countTokens: () => Promise.reject(fail()),
    countPrompt: () => Promise.reject(fail()),
    estimateWaitMs: () => 0,
  };
}

export function createAbsentEmbedder(detail = 'no embedding model is configured'): Embedder {
  return { ...port(detail), embed: () => Promise.reject(new ModelError('EMBEDDER_NOT_READY', { detail })) };
}

export function createAbsentReranker(detail = 'no reranking model is configured'): Reranker {
  return { ...port(detail), rerank: () => Promise.reject(new ModelError('RERANKER_NOT_READY', { detail })) };
}

function port(detail: string) {
  const state: ModelState = { status: 'absent', detail };
  return { state: () => state, info: () => undefined };
}
