import { type EmbedderState, ModelError } from '@xnai/inference';
import { expect, test, vi } from 'vitest';
import { StoreError } from '../store/store-error.ts';
import { embedChunks } from './embed-chunks.ts';
import { embedNext } from './embed-next.ts';
import { checkEmbedding } from './embedding-check.ts';
import { createEmbeddingReport } from './embedding-report.ts';

const SET = { id: 'of small', model: 'small', dimensions: 1 };
const READY: EmbedderState = { status: 'ready', detail: '', ...SET, fingerprint: SET.id };

/** A store of texts, whose calls fail as often as there are failures; each pause is followed by the next try. */
function setUp(texts: string[], { failures = [] as Error[], states = [] as EmbedderState[] } = {}) {
  const stopping = new AbortController();
  const log = { info: vi.fn(), warn: vi.fn() };
  const report = createEmbeddingReport(log);
  const embedder = {
    state: () => states.shift() ?? READY,
    embed: async (given: readonly string[]) => ({
      vectors: given.map(() => new Float32Array([1])),
      parts: given.map(() => 2),
      tokens: 1,
    }),
  };
  const put: string[] = [];
  const statuses: string[] = [];
  const vectors = {
    begin: async () => {},
    pending: async (limit: number) =>
      texts.slice(0, limit).map((text) => ({ hash: text, text, collection: 'default' })),
    async put(_: string, some: readonly { readonly hash: string }[]) {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      put.push(...some.map(({ hash }) => hash));
      texts.splice(0, some.length);
    },
    quarantine: async () => {},
    divided: async () => put.length,
    stats: async () => {
      const made = { ...SET, embedded: put.length, pending: texts.length, quarantined: 0 };
      return { made, searched: undefined };
    },
  };
  const pauses: number[] = [];
  const untilWoken = async (times = 1) => {
    pauses.push(times);
    const { status, detail } = await checkEmbedding({ vectors, embedder: { state: () => READY }, report });
    statuses.push(`${status}: ${(detail as { summary: string }).summary}`);
    if (texts.length === 0) stopping.abort();
    stopping.signal.throwIfAborted();
  };
  const { signal } = stopping;
  const deps = { vectors, embedder, log, report, signal, untilFree: async () => {}, untilWoken };
  const done = embedChunks({ ...deps, lookEveryMs: 1 }).catch(() => {});
  return { done, log, put, statuses, pauses };
}

test('a check that nobody waits for any more gives up its place in the store', async () => {
  const { signal } = new AbortController();
  const stats = vi.fn(async () => ({ made: undefined, searched: undefined }));
  const divided = vi.fn(async () => 0);
  const report = createEmbeddingReport({ info: vi.fn(), warn: vi.fn() });
  const deps = { vectors: { stats, divided }, embedder: { state: () => READY }, report };
  await checkEmbedding(deps, signal);
  for (const call of [stats, divided])
    expect(call).toHaveBeenCalledWith(undefined, { signal, isCheck: true });
});

test('an index that is full is said and logged once, and the rest is embedded when there is room', async () => {
  const { done, log, put, statuses, pauses } = setUp(['a', 'b', 'c'], {
    failures: Array.from({ length: 3 }, () => new StoreError('STORAGE_FULL', { detail: 'it is full' })),
  });
  await done;
  expect(put).toEqual(['a', 'b', 'c']);
  expect(statuses).toEqual([
    ...Array.from({ length: 3 }, () => 'degraded: 0 of 3 chunks are embedded; waits: it is full'),
    'ok: all chunks are embedded, 3 of them in parts',
  ]);
  expect(pauses).toEqual([1, 2, 4, 1]);
  expect(log.warn).toHaveBeenCalledTimes(1);
  expect(log.info.mock.calls).toEqual([
    [{ model: 'small' }, 'chunks are being embedded'],
    [{ model: 'small' }, 'chunks that are longer than the context of the model are embedded in parts'],
    [{ model: 'small', texts: 3 }, 'all chunks are embedded'],
  ]);
});

test('before a model is ready, it is not said that there are no chunks', async () => {
  const stats = async () => ({ made: undefined, searched: undefined });
  const { detail } = await checkEmbedding({
    vectors: { stats, divided: async () => 0 },
    embedder: { state: () => ({ status: 'down', detail: 'it is no model' }) },
    report: { problem: () => undefined },
  });
  expect(detail).toMatchObject({ summary: 'nothing is embedded before a model is ready', embedded: 0 });
});

test('a model that is gone for a while degrades nothing here, and is waited for', async () => {
  const { done, log, put, statuses } = setUp(['a', 'b'], {
    states: [READY, READY, { status: 'down', detail: '' }, { status: 'loading', detail: '' }],
    failures: [new ModelError('MODEL_CRASHED')],
  });
  await done;
  expect(put).toEqual(['a', 'b']);
  expect(statuses.every((status) => status.startsWith('ok'))).toBe(true);
  expect(log.warn.mock.calls.length).toBeLessThan(2);
});

test('what was embedded while another model took the place of the first is thrown away', async () => {
  const other = { ...READY, fingerprint: 'of large' };
  const { done, put } = setUp(['a', 'b'], { states: [READY, READY, other, other] });
  await done;
  expect(put).toEqual(['a', 'b']);
});

test('texts that the model cannot take are told together', async () => {
  const log = { warn: vi.fn() };
  const quarantined: string[] = [];
  const embedder = {
    state: () => READY,
    async embed(given: readonly string[]): Promise<never> {
      throw new ModelError('INPUT_EMPTY', { detail: `input 0 has ${given[0]?.length} tokens` });
    },
  };
  const vectors = {
    pending: async () => ['aa', 'bbb', 'c'].map((text) => ({ hash: text, text, collection: 'default' })),
    put: async () => {},
    quarantine: async (_: string, { reason }: { readonly reason: string }) => void quarantined.push(reason),
  };
  const deps = { vectors, embedder, log, signal: new AbortController().signal, untilReady: async () => {} };
  expect(await embedNext(deps, SET, 3)).toEqual({ embedded: 0, divided: 0, quarantined: 3 });
  expect(quarantined).toEqual([2, 3, 1].map((tokens) => `the text has ${tokens} tokens`));
  const fields = { code: 'INPUT_EMPTY', chunks: 3, collections: ['default'], reason: quarantined[0] };
  expect(log.warn.mock.calls).toEqual([[fields, 'chunks cannot be embedded: only their words find them']]);
});
