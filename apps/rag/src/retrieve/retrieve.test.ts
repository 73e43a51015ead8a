import type { Embedder, EmbedderState, ModelState, Reranker } from '@xnai/inference';
import { ModelError } from '@xnai/inference';
import { createAbsentEmbedder, createAbsentReranker } from '@xnai/inference/testing';
import { deadlineIn } from '@xnai/resilience';
import { describe, expect, test } from 'vitest';
import { fuse } from '../store/fuse.ts';
import type { Store, StoreHit, StoreQuery } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import type { VectorStats } from '../store/vectors.ts';
import { createRetrieve, type RetrieveRequest } from './retrieve.ts';
import { AT_START, type CheckedShare } from './self-check/self-checks.ts';

const REQUEST: RetrieveRequest = { query: 'walrus', collection: 'default', topK: 3, mode: 'auto' };
const SET = { id: 'of small', model: 'small', dimensions: 2 };
const READY: EmbedderState = { status: 'ready', detail: '', ...SET, fingerprint: SET.id };
const WHOLE = { ...SET, embedded: 9, pending: 0, quarantined: 1 };
const OTHER = { ...WHOLE, id: 'of large' };

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

function setUp(
  options: {
    embedder?: Embedder;
    reranker?: Reranker;
    stats?: VectorStats | StoreError;
    isSwitched?: boolean;
    share?: CheckedShare;
  } = {},
) {
  const asked: StoreQuery[] = [];
  const search: Store['search'] = async (query) => {
    asked.push(query);
    const lexical = query.text === undefined ? [] : LEXICAL;
    const dense = options.isSwitched ? undefined : query.vector && DENSE;
    const keyOf = ({ chunk }: StoreHit) => chunk.documentId;
    return {
      lexical,
      dense,
      fused: query.share && dense && fuse(lexical, dense, query.share, keyOf),
      near: [],
      tookMs: { lexical: 2, dense: 3 },
    };
  };
  const stats = async () => {
    if (options.stats instanceof StoreError) throw options.stats;
    return options.stats ?? { searched: WHOLE, made: WHOLE };
  };
  const retrieve = createRetrieve({
    store: { search, vectors: { stats } },
    embedder: options.embedder ?? createAbsentEmbedder(),
    reranker: options.reranker ?? createAbsentReranker(),
    ...(options.share && { shareOf: () => options.share ?? AT_START }),
    nowMs: () => 5,
  });
  return { asked, retrieve };
}

const embedder = (state: EmbedderState, embed?: Embedder['embed']): Embedder => ({
  state: () => state,
  info: () => undefined,
  embed: embed ?? (async () => ({ vectors: [new Float32Array([1, 0])], parts: [1], tokens: 1 })),
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
    const { retrieve, asked } = setUp({ embedder: embedder(READY) });
    const found = await retrieve(REQUEST);
    // c: 0.7 * 7/9 + 0.3, a: 0.7, b: 0.7 * 8/9.
    expect(ids(found.results)).toEqual(['c', 'a', 'b']);
    expect(found).toMatchObject({
      retrieval: { mode: 'hybrid', legs: { dense: { weight: 0.3, measured: false } } },
      degraded: [],
    });
    expect(asked).toMatchObject([{ k: 3, joinAmong: 50, share: AT_START }]);
  });

  test('the dense leg weighs what the check of the collection says', async () => {
    const measuredAt = '2026-01-02T03:04:05.678Z';
    const share = { weight: 0.9, spread: 0.2, isMeasured: true, measuredAt };
    const { retrieve } = setUp({ embedder: embedder(READY), share });
    const found = await retrieve(REQUEST);
    expect(ids(found.results)).toEqual(['c', 'e', 'a']);
    expect(found.retrieval.legs).toEqual({
      lexical: { took_ms: 2 },
      dense: { took_ms: 3, weight: 0.9, measured: true, measured_at: measuredAt, embedded: 9 },
    });
  });

  test.each(['auto', 'hybrid'] as const)('a useless leg is not asked by %s, and it is said', async (mode) => {
    const share = { weight: 0, isMeasured: true };
    const broken = embedder(READY, () => Promise.reject(new ModelError('MODEL_CRASHED')));
    const { retrieve, asked } = setUp({ embedder: broken, share });
    expect(await retrieve({ ...REQUEST, mode })).toMatchObject({
      retrieval: { mode: 'lexical', legs: { dense: { weight: 0, measured: true } } },
      degraded: [],
    });
    expect(asked[0]?.vector).toBeUndefined();
  });

  test('dense searches by vector alone', async () => {
    const { retrieve, asked } = setUp({ embedder: embedder(READY) });
    const found = await retrieve({ ...REQUEST, mode: 'dense' });
    expect(ids(found.results)).toEqual(['c', 'e', 'a']);
    expect(asked[0]?.text).toBeUndefined();
    expect(found.retrieval.mode).toBe('dense');
  });

  test('the vector of the question goes with the name of its set', async () => {
    const { retrieve, asked } = setUp({ embedder: embedder(READY) });
    await retrieve(REQUEST);
    expect(asked).toMatchObject([{ vector: { set: 'of small', values: new Float32Array([1, 0]) } }]);
  });

  test.each([
    ['none of its vectors', { searched: undefined, made: { ...WHOLE, embedded: 0, pending: 9 } }, '0 of 9'],
    ['vectors of another model', { searched: OTHER, made: { ...WHOLE, embedded: 0, pending: 9 } }, '0 of 9'],
    ['no set yet', { searched: undefined, made: undefined }, 'nothing is embedded with small yet'],
  ])(
    'and %s, search is lexical and says so, also as hybrid; as dense, the reason is the answer',
    async (_, stats, reason) => {
      const { retrieve, asked } = setUp({ embedder: embedder(READY), stats });
      for (const mode of ['auto', 'hybrid'] as const)
        expect(await retrieve({ ...REQUEST, mode })).toMatchObject({
          retrieval: { mode: 'lexical' },
          degraded: ['embedder'],
        });
      expect(asked).toMatchObject([{ vector: undefined }, { vector: undefined }]);
      await expect(retrieve({ ...REQUEST, mode: 'dense' })).rejects.toMatchObject({
        code: 'EMBEDDER_NOT_READY',
        message: expect.stringContaining(reason),
      });
    },
  );

  test.each([
    [89, 'lexical'],
    [90, 'hybrid'],
  ])(
    'and vectors of %i of 100 chunks, search is %s, and hybrid where that is asked for',
    async (embedded, mode) => {
      const set = { ...SET, embedded, pending: 100 - embedded, quarantined: 0 };
      const { retrieve } = setUp({ embedder: embedder(READY), stats: { searched: OTHER, made: set } });
      const degraded = mode === 'lexical' ? ['embedder'] : [];
      expect(await retrieve(REQUEST)).toMatchObject({ retrieval: { mode }, degraded });
      const named = await retrieve({ ...REQUEST, mode: 'hybrid' });
      expect(named).toMatchObject({ retrieval: { mode: 'hybrid' }, degraded });
    },
  );

  test('whose vectors are not searched any more once the question is embedded, search is lexical', async () => {
    const { retrieve } = setUp({ embedder: embedder(READY), isSwitched: true });
    for (const mode of ['auto', 'hybrid'] as const) {
      const found = await retrieve({ ...REQUEST, mode });
      expect(found).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: ['embedder'] });
    }
    await expect(retrieve({ ...REQUEST, mode: 'dense' })).rejects.toMatchObject({
      code: 'EMBEDDER_NOT_READY',
    });
  });

  test('that is another one once the question is embedded, search is lexical', async () => {
    const states: EmbedderState[] = [READY, READY];
    const changing = {
      ...embedder(READY),
      state: () => states.shift() ?? { ...READY, fingerprint: 'of large' },
    };
    const { retrieve, asked } = setUp({ embedder: changing });
    expect(await retrieve(REQUEST)).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: ['embedder'] });
    expect(asked).toMatchObject([{ vector: undefined }]);
  });

  test.each(['loading', 'down'] as const)('that is %s, search is lexical and says so', async (status) => {
    const { retrieve } = setUp({ embedder: embedder({ status, detail: '' }) });
    expect(await retrieve(REQUEST)).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: ['embedder'] });
  });

  test('that fails, search is lexical and says so; asked for by name, the failure is the answer', async () => {
    const failing = embedder(READY, () => Promise.reject(new ModelError('MODEL_CRASHED')));
    const { retrieve } = setUp({ embedder: failing });
    expect(await retrieve(REQUEST)).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: ['embedder'] });
    await expect(retrieve({ ...REQUEST, mode: 'hybrid' })).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
  });

  test('whose vectors cannot be counted, search is lexical and says so, unless there is no collection', async () => {
    const failing = setUp({ embedder: embedder(READY), stats: new StoreError('STORE_FAILED') });
    const { retrieve } = failing;
    expect(await retrieve(REQUEST)).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: ['embedder'] });
    await expect(retrieve({ ...REQUEST, mode: 'hybrid' })).rejects.toMatchObject({ code: 'STORE_FAILED' });
    const none = setUp({ embedder: embedder(READY), stats: new StoreError('COLLECTION_NOT_FOUND') });
    await expect(none.retrieve(REQUEST)).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
  });
});

describe('with a reranker', () => {
  const scoring = (of: Readonly<Record<string, number>>) =>
    reranker(READY, async (_, texts) => ({ scores: texts.map((text) => of[text] ?? 0), tokens: 1 }));

  test('its scores are blended with those of the search', async () => {
    const { retrieve, asked } = setUp({ reranker: scoring({ c: 1, d: 0.4 }) });
    const found = await retrieve(REQUEST);
    // c: half of 1/3 and half of 1; a: half of 1; b: half of 2/3; d: half of 0.4.
    expect(ids(found.results)).toEqual(['c', 'a', 'b']);
    expect(asked).toMatchObject([{ k: 50, joinAmong: 50 }]);
    expect(found).toMatchObject({ retrieval: { reranked: true }, degraded: [] });
  });

  test('whose scores are all alike, the order of the search stands', async () => {
    const nothing = scoring({ a: 1e-20, b: 1e-20, c: 1e-20, d: 1e-20 });
    const found = await setUp({ reranker: nothing }).retrieve({ ...REQUEST, topK: 4 });
    expect(ids(found.results)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('the best are scored first, and what came in time is used', async () => {
    const read: (readonly string[])[] = [];
    const slow = reranker(READY, async (_, texts) => {
      read.push(texts);
      if (texts.includes('d')) throw new ModelError('DEADLINE_EXCEEDED');
      return { scores: texts.map((text) => (text === 'c' ? 1 : 0)), tokens: 1 };
    });
    const { retrieve } = setUp({ reranker: slow });
    const found = await retrieve({ ...REQUEST, topK: 4 }, { deadline: deadlineIn(100_000) });
    expect(read).toEqual([['a'], ['b', 'c'], ['d']]);
    expect(ids(found.results)).toEqual(['c', 'a', 'b', 'd']);
    expect(found).toMatchObject({ retrieval: { reranked: true }, degraded: ['reranker'] });
    const three = await retrieve(REQUEST, { deadline: deadlineIn(100_000) });
    expect(three).toMatchObject({ retrieval: { reranked: true }, degraded: [] });
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
