import type { QueryRequest } from '@xnai/contracts';
import type { ModelCallOptions } from '@xnai/inference';
import type { Retrieve, Retrieved, RetrievedChunk } from '../retrieve/retrieve.ts';
import type { Store, TermStatistics } from '../store/store.ts';
import type { Question } from './extractive/question.ts';

export interface FindDeps {
  readonly store: Pick<Store, 'getChunks' | 'termStatistics'>;
  readonly retrieve: Retrieve;
}

export interface Found {
  readonly retrieved: Retrieved;
  /** The chunks retrieved, then the first chunks of their documents, which say what a document is about. */
  readonly candidates: readonly RetrievedChunk[];
  readonly statistics: TermStatistics;
}

/** More chunks are looked through than are shown: the sentence that answers is often not in the best few. */
const CANDIDATE_CHUNKS = 24;
const OPENED_DOCUMENTS = 4;
const OPENING_CHUNKS = [0, 1];

/** Retrieves the chunks in which an answer is looked for, with the statistics that weigh the question's terms. */
export async function findCandidates(
  deps: FindDeps,
  question: Question,
  { collection, top_k, filter }: QueryRequest,
  options: ModelCallOptions,
): Promise<Found> {
  const topK = Math.max(top_k, CANDIDATE_CHUNKS);
  const words = question.terms.map(({ raw }) => raw);
  const [retrieved, statistics] = await Promise.all([
    deps.retrieve({ query: question.text, collection, topK, mode: 'auto', filter }, options),
    deps.store.termStatistics(collection, words, options),
  ]);
  const openings = await readOpenings(deps, collection, retrieved.results, options);
  return { retrieved, candidates: [...retrieved.results, ...openings], statistics };
}

async function readOpenings(
  { store }: FindDeps,
  collection: string,
  results: readonly RetrievedChunk[],
  { signal, deadline }: ModelCallOptions,
): Promise<readonly RetrievedChunk[]> {
  const known = new Set(results.map(({ chunk }) => `${chunk.documentId}#${chunk.ordinal}`));
  const documents = [...new Set(results.map(({ chunk }) => chunk.documentId))].slice(0, OPENED_DOCUMENTS);
  const refs = documents
    .flatMap((documentId) => OPENING_CHUNKS.map((ordinal) => ({ documentId, ordinal })))
    .filter(({ documentId, ordinal }) => !known.has(`${documentId}#${ordinal}`));
  if (refs.length === 0) return [];
  const lowest = Math.min(...results.map(({ score }) => score));
  const chunks = await store.getChunks(collection, refs, { signal, deadline });
  return chunks.map((chunk) => ({ chunk, score: lowest }));
}
