import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readingOf } from '@xnai/rag/reading';
import { openSqliteStore } from '@xnai/rag/sqlite-store';
import type { Store } from '@xnai/rag/store';
import { createClusters } from '@xnai/rag/testing/clusters';
import { chunkDocument } from '@xnai/text/chunk';
import { readMarkdown } from '@xnai/text/markdown';
import { atLeast, middleOf, quantile, type Row } from '../report.ts';
import { makeDocuments } from '../support/made-up-documents.ts';
import { COLLECTION } from './fill.ts';

const SET = { id: 'clusters', model: 'clusters', dimensions: 384 };
/** As many as `retrieve` asks of a leg. */
const HITS = 50;
const BATCH = 500;
/** Questions by which the recall is counted. */
const COMPARED = 20;
/** By chunks. */
const AIMED_MS: Readonly<Record<number, number>> = { 10000: 3, 100000: 30 };
const PER_CLUSTER = 100;

export interface SearchVectors {
  readonly chunks: number;
  readonly questions: readonly string[];
  readonly rounds: number;
}

/**
 * A store by itself, since no embedder is as fast as this takes: each chunk has a random vector, around the middle of a
 * cluster.
 */
export async function searchVectors({ chunks, questions, rounds }: SearchVectors) {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-bench-vectors-'));
  try {
    await using store = await openSqliteStore({ path: join(folder, 'index.sqlite') });
    const names = await fill(store, chunks);
    const next = createClusters({ dimensions: SET.dimensions, clusters: chunks / PER_CLUSTER });
    const { vectors, perSecond } = await putVectors(store, next);
    const asked = questions.map((text) => ({ text, vector: { set: SET.id, values: next() } }));
    const raw: Times[] = [];
    for (let round = 0; round < rounds; round++) raw.push(await askRound(store, asked));
    const recall = await recallOf(store, asked.slice(0, COMPARED), { names, vectors });
    const rows: readonly Row[] = [
      ...rowsOf(raw, chunks),
      atLeast(`recall at ${HITS}, of exact`, recall, '', 0.98),
      { what: 'vectors that are kept', value: perSecond, unit: '1/s' },
    ];
    return { rows, raw };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Puts documents with `wanted` chunks in all; returns the names of the chunks in their order. */
async function fill(store: Store, wanted: number): Promise<readonly string[]> {
  const names: string[] = [];
  for (let n = 1; names.length < wanted; n++) {
    const [input] = makeDocuments(1, n);
    const document = readMarkdown(input?.content ?? '');
    const chunks = chunkDocument(document).slice(0, wanted - names.length);
    names.push(...chunks.map(({ ordinal }) => `d${n}#${ordinal}`));
    await store.upsertDocument({
      collection: COLLECTION,
      id: `d${n}`,
      title: input?.title,
      url: undefined,
      contentType: 'text/markdown',
      contentHash: `${n}`,
      metadata: {},
      ...readingOf(document, chunks),
    });
  }
  return names;
}

/** The texts come in the order of the chunks, and no two chunks have the same. */
async function putVectors(store: Store, next: () => Float32Array) {
  const vectors: Float32Array[] = [];
  await store.vectors.begin(SET);
  for (let tookMs = 0; ; ) {
    const texts = await store.vectors.pending(BATCH);
    if (texts.length === 0) return { vectors, perSecond: (vectors.length / tookMs) * 1000 };
    const batch = texts.map(({ hash }) => ({ hash, vector: next() }));
    vectors.push(...batch.map(({ vector }) => vector));
    const startedMs = performance.now();
    await store.vectors.put(SET.id, batch);
    tookMs += performance.now() - startedMs;
  }
}

interface Question {
  readonly text: string;
  readonly vector: { readonly set: string; readonly values: Float32Array };
}

interface Times {
  readonly lexical: number[];
  readonly dense: number[];
  readonly both: number[];
}

/** One question after the other, by words, by vectors, and by both. */
async function askRound(store: Store, questions: readonly Question[]): Promise<Times> {
  const times: Times = { lexical: [], dense: [], both: [] };
  for (const { text, vector } of questions) {
    times.lexical.push(await timeOf(store, { text }));
    times.dense.push(await timeOf(store, { vector }));
    times.both.push(await timeOf(store, { text, vector }));
  }
  return times;
}

async function timeOf(store: Store, legs: Partial<Question>): Promise<number> {
  const startedMs = performance.now();
  await store.search({ collection: COLLECTION, k: HITS, joinAmong: HITS, ...legs });
  return performance.now() - startedMs;
}

function rowsOf(raw: readonly Times[], chunks: number): readonly Row[] {
  const atMostMs = AIMED_MS[chunks];
  const row = (what: string, leg: keyof Times, share: number, aim = {}) =>
    middleOf(
      what,
      raw.map((times) => quantile(times[leg], share)),
      'ms',
      aim,
    );
  return [
    row('words, p50', 'lexical', 0.5),
    row('vectors, p50', 'dense', 0.5, atMostMs === undefined ? {} : { atMost: atMostMs }),
    row('vectors, p95', 'dense', 0.95),
    row('words and vectors, p50', 'both', 0.5),
    row('words and vectors, p95', 'both', 0.95),
  ];
}

interface Known {
  readonly names: readonly string[];
  readonly vectors: readonly Float32Array[];
}

/** Of the chunks that are nearest by exact comparison, the share that is found. */
async function recallOf(
  store: Store,
  questions: readonly Question[],
  { names, vectors }: Known,
): Promise<number> {
  let found = 0;
  for (const { vector } of questions) {
    const cosines = vectors.map((other) => cosine(vector.values, other));
    const least = cosines.toSorted((a, b) => b - a)[HITS - 1] ?? 1;
    const nearest = new Set(names.filter((_, n) => (cosines[n] ?? 0) >= least));
    const { dense = [] } = await store.search({ collection: COLLECTION, k: HITS, vector });
    found += dense.filter(({ chunk }) => nearest.has(`${chunk.documentId}#${chunk.ordinal}`)).length;
  }
  return found / (HITS * questions.length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, squares] = [0, 0];
  for (let n = 0; n < a.length; n++) {
    const value = b[n] ?? 0;
    dot += (a[n] ?? 0) * value;
    squares += value * value;
  }
  return dot / Math.sqrt(squares);
}
