import type { Embedder, ModelState, Reranker } from '@xnai/inference';
import { ModelError } from '@xnai/inference';
import { createAbsentEmbedder, createAbsentReranker } from '@xnai/inference/testing';
import { deadlineIn } from '@xnai/resilience';
import { describe, expect, test } from 'vitest';
import type { Store, StoreHit, StoreQuery } from '../store/store.ts';
import type { VectorSetStats } from '../store/vectors.ts';
import { createRetrieve, type RetrieveRequest } from './retrieve.ts';

const REQUEST: RetrieveRequest = { query: 'walrus', collection: 'default', topK: 3, mode: 'auto' };
const SEARCHED: VectorSetStats = {
  id: 's',
  model: 'm',
  dimensions: 2,
  embedded: 9,
  pending: 0,
  quarantined: 0,
};
const READY: ModelState = { status: 'ready', detail: '' };

function hit(documentId: string, score: number): StoreHit {
  const chunk = { documentId, ordinal: 0, start: 0, end: 1, text: documentId, heading: [], context: '' };
  return {
    chunk: {
      ...chunk,
      title: undefined,
      url: undefined,
      inline: 'markdown',
      blocks: undefined,
      metadata: {},
    },
    score,
  };
}

const LEXICAL = [hit('a', 9), hit('b', 8), hit('c', 7), hit('d', 6)];
const DENSE = [hit('c', 0.9), hit('e', 0.8), hit('a', 0.7)];

function setUp(options: { embedder?: Embedder; reranker?: Reranker; searched?: VectorSetStats } = {}) {
  const asked: StoreQuery[] = [];
  const search: Store['search'] = async (query) => {
    asked.push(query);
    return {
      lexical: query.text === undefined ? [] : LEXICAL,
      dense: query.vector && DENSE,
      near: [],
    };
  };
  const retrieve = createRetrieve({
    store: {
      search,
      vectors: { stats: async () => ({ searched: options.searched, made: options.searched }) },
    },
    embedder: options.embedder ?? createAbsentEmbedder(),
    reranker: options.reranker ?? createAbsentReranker(),
    nowMs: () => 5,
  });
  return { asked, retrieve };
}

const embedder = (state: ModelState, embed?: Embedder['embed']): Embedder => ({
  state: () => state,
  info: () => undefined,
  embed: embed ?? (async () => ({ vectors: [new Float32Array([1, 0])], tokens: 1 })),
});

const reranker = (state: ModelState, rerank: Reranker['rerank']): Reranker => ({
  state: () => state,
  info: () => undefined,
  rerank,
});

const ids = (results: readonly StoreHit[]) => results.map(({ chunk }) => chunk.documentId);

describe('without models', () => {
  test('the lexical order stands, and nothing is missed', async () => {
    const { retrieve, asked } = setUp();
    const found = await retrieve(REQUEST);
    expect(ids(found.results)).toEqual(['a', 'b', 'c']);
    expect(found).toMatchObject({
      retrieval: { mode: 'lexical', reranked: false, took_ms: 0 },
      degraded: [],
    });
    expect(asked).toEqual([
      { collection: 'default', text: 'walrus', vector: undefined, filter: undefined, k: 3, joinAmong: 50 },
    ]);
  });

  test.each(['dense', 'hybrid'] as const)('%s is refused', async (mode) => {
    await expect(setUp().retrieve({ ...REQUEST, mode })).rejects.toMatchObject({
      code: 'EMBEDDER_NOT_READY',
    });
  });
});

describe('with an embedder', () => {
  test('both legs are searched and fused', async () => {
    const { retrieve, asked } = setUp({ embedder: embedder(READY), searched: SEARCHED });
    const found = await retrieve(REQUEST);
    // c: 0.7 * 7/9 + 0.3, a: 0.7, b: 0.7 * 8/9.
    expect(ids(found.results)).toEqual(['c', 'a', 'b']);
    expect(found).toMatchObject({ retrieval: { mode: 'hybrid' }, degraded: [] });
    expect(asked).toMatchObject([{ k: 50, joinAmong: 50 }]);
  });

  test('dense searches by vector alone', async () => {
    const { retrieve, asked } = setUp({ embedder: embedder(READY), searched: SEARCHED });
    const found = await retrieve({ ...REQUEST, mode: 'dense' });
    expect(ids(found.results)).toEqual(['c', 'e', 'a']);
    expect(asked[0]?.text).toBeUndefined();
    expect(found.retrieval.mode).toBe('dense');
  });

  test('whose vectors the store does not keep, search is lexical and not degraded', async () => {
    const { retrieve } = setUp({ embedder: embedder(READY) });
    expect(await retrieve(REQUEST)).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: [] });
    await expect(retrieve({ ...REQUEST, mode: 'dense' })).rejects.toMatchObject({
      code: 'EMBEDDER_NOT_READY',
      message: expect.stringContaining('no set of vectors is whole'),
    });
  });

  test.each(['loading', 'down'] as const)('that is %s, search is lexical and says so', async (status) => {
    const { retrieve } = setUp({ embedder: embedder({ status, detail: '' }), searched: SEARCHED });
    expect(await retrieve(REQUEST)).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: ['embedder'] });
  });

  test('that fails, search is lexical and says so; asked for by name, the failure is the answer', async () => {
    const failing = embedder(READY, () => Promise.reject(new ModelError('MODEL_CRASHED')));
    const { retrieve } = setUp({ embedder: failing, searched: SEARCHED });
    expect(await retrieve(REQUEST)).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: ['embedder'] });
    await expect(retrieve({ ...REQUEST, mode: 'hybrid' })).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
  });
});

describe('with a reranker', () => {
  test('its order stands', async () => {
    const scores = async (_: string, texts: readonly string[]) => ({
      scores: texts.map((text) => (text === 'd' ? 1 : 0)),
      tokens: 1,
    });
    const { retrieve, asked } = setUp({ reranker: reranker(READY, scores) });
    const found = await retrieve(REQUEST);
    expect(ids(found.results)).toEqual(['d', 'a', 'b']);
    expect(asked).toMatchObject([{ k: 50, joinAmong: 50 }]);
    expect(found).toMatchObject({ retrieval: { reranked: true }, degraded: [] });
  });

  test('that fails or is not there yet, the fused order stands and it is said', async () => {
    const failing = reranker(READY, () => Promise.reject(new ModelError('DEADLINE_EXCEEDED')));
    const loading = reranker({ status: 'loading', detail: '' }, failing.rerank);
    for (const one of [failing, loading]) {
      const found = await setUp({ reranker: one }).retrieve(REQUEST);
      expect(ids(found.results)).toEqual(['a', 'b', 'c']);
      expect(found).toMatchObject({ retrieval: { reranked: false }, degraded: ['reranker'] });
    }
  });

  test('has half of the time that is left, so that the answer does not wait for the better order', async () => {
    const deadlines: (number | undefined)[] = [];
    const hasty = reranker(READY, async (_query, texts, options) => {
      deadlines.push(options?.deadline?.remainingMs());
      return { scores: texts.map(() => 0), tokens: 1 };
    });
    await setUp({ reranker: hasty }).retrieve(REQUEST, { deadline: deadlineIn(100_000) });
    expect(deadlines[0]).toBeLessThanOrEqual(50_000);
    expect(deadlines[0]).toBeGreaterThan(40_000);
  });

  test('that fails because nobody waits any more, neither does the search', async () => {
    const controller = new AbortController();
    const slow = reranker(READY, async () => {
      controller.abort(new Error('gone'));
      throw controller.signal.reason;
    });
    const found = setUp({ reranker: slow }).retrieve(REQUEST, { signal: controller.signal });
    await expect(found).rejects.toThrow('gone');
  });
});
