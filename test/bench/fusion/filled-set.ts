import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readingOf } from '@xnai/rag/reading';
import {
  byDocument,
  CANDIDATES as CHECK_CANDIDATES,
  type CheckQuestion,
  type HiddenLegs,
  legWith,
  lexicalScore,
  questionsOf,
} from '@xnai/rag/self-check';
import { openSqliteStore } from '@xnai/rag/sqlite-store';
import type { Store, StoredChunk, StoreHit } from '@xnai/rag/store';
import type { ChunkRef } from '@xnai/rag/store-call';
import { queryTerms } from '@xnai/text/analyse';
import { chunkDocument } from '@xnai/text/chunk';
import { readPlainText } from '@xnai/text/plain-text';
import type { EvalQuery, EvalSet } from '../eval/beir.ts';

export interface JudgedQuery extends EvalQuery {
  readonly grades: ReadonlyMap<string, number>;
  /** Documents, each by its best chunk. */
  readonly lexical: readonly StoreHit[];
}

export type CheckedQuestion = CheckQuestion & Pick<HiddenLegs, 'lexical'>;

export interface FilledSet {
  readonly name: string;
  /** One for each document, its first. */
  readonly chunks: readonly StoredChunk[];
  readonly queries: readonly JudgedQuery[];
  readonly checked: readonly CheckedQuestion[];
}

const COLLECTION = 'fusion';
const CANDIDATES = 100;
const MOST_QUERIES = 250;
/** As in the product. */
const CHECKED = 1000;

/** Puts the documents into a store, asks it the judged queries, and checks it by its own chunks. */
export async function fillSet(name: string, set: EvalSet): Promise<FilledSet> {
  const folder = await mkdtemp(join(tmpdir(), 'fusion-'));
  try {
    await using store = await openSqliteStore({ path: join(folder, 'index.sqlite') });
    const chunks = await fill(store, set.documents);
    const queries = await askQueries(store, set, chunks);
    return { name, chunks, queries, checked: await checkChunks(store, spread(chunks, CHECKED)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The first chunk of each document. */
async function fill(store: Store, documents: EvalSet['documents']): Promise<readonly StoredChunk[]> {
  const refs: ChunkRef[] = [];
  for (const { id, title, text } of documents) {
    const document = readPlainText(text.trim() === '' ? title : text);
    if (document.text.trim() === '') continue;
    refs.push({ documentId: id, ordinal: 0 });
    await store.upsertDocument({
      collection: COLLECTION,
      id,
      title: title.trim() === '' ? undefined : title.trim(),
      url: undefined,
      contentType: 'text/plain',
      contentHash: id,
      metadata: {},
      ...readingOf(document, chunkDocument(document)),
    });
  }
  return store.getChunks(COLLECTION, refs);
}

async function askQueries(
  store: Store,
  set: EvalSet,
  chunks: readonly StoredChunk[],
): Promise<readonly JudgedQuery[]> {
  const judged = set.queries.filter(({ id }) => isJudged(set, id));
  const queries: JudgedQuery[] = [];
  for (const query of spread(judged, MOST_QUERIES)) {
    const lexical = bestOfDocuments(await search(store, query.text), chunks);
    queries.push({ ...query, grades: set.judgements.get(query.id) ?? new Map(), lexical });
  }
  return queries;
}

async function checkChunks(
  store: Store,
  chunks: readonly StoredChunk[],
): Promise<readonly CheckedQuestion[]> {
  const checked: CheckedQuestion[] = [];
  for (const question of questionsOf(chunks)) {
    const terms = queryTerms(question.asked).map(({ term }) => term);
    const statistics = await store.termStatistics(COLLECTION, terms);
    const hits = (await search(store, question.asked)).slice(0, CHECK_CANDIDATES);
    const score = lexicalScore(question, hits, { terms, ...statistics });
    checked.push({ ...question, lexical: legWith(score, hits, byDocument(question.chunk)) });
  }
  return checked;
}

async function search(store: Store, text: string): Promise<readonly StoreHit[]> {
  return (await store.search({ collection: COLLECTION, text, k: CANDIDATES })).lexical;
}

function isJudged({ judgements }: EvalSet, query: string): boolean {
  return [...(judgements.get(query)?.values() ?? [])].some((grade) => grade > 0);
}

/** That many of them, evenly spread. */
function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

function bestOfDocuments(hits: readonly StoreHit[], chunks: readonly StoredChunk[]): readonly StoreHit[] {
  const first = new Map(chunks.map((chunk) => [chunk.documentId, chunk]));
  const best = new Map<string, StoreHit>();
  for (const { chunk, score } of hits) {
    const own = first.get(chunk.documentId);
    if (own !== undefined && !best.has(chunk.documentId)) best.set(chunk.documentId, { chunk: own, score });
  }
  return [...best.values()];
}
