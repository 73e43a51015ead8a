import type { Block, QueryRequest } from '@xnai/contracts';
import type { ModelCallOptions } from '@xnai/inference';
import type { Retrieve, Retrieved, RetrievedChunk } from '../retrieve/retrieve.ts';
import type { Store, TermStatistics } from '../store/store.ts';
import type { ChunkRef } from '../store/store-call.ts';
import { SMALL_COLLECTION_CHUNKS } from './extractive/small-collection.ts';
import { askedValue } from './question/asked-value.ts';
import { asksForList, type Question } from './question/question.ts';
import { isEmpty, passageOf } from './text/passage.ts';

export interface FindDeps {
  readonly store: Pick<Store, 'getChunks' | 'listDocuments' | 'termStatistics'>;
  readonly retrieve: Retrieve;
}

export interface Found {
  readonly retrieved: Retrieved;
  /** The chunks retrieved, then the first chunks of their documents, which say what a document is about. */
  readonly candidates: readonly RetrievedChunk[];
  readonly statistics: TermStatistics;
}

/**
 * More chunks are looked through than are shown: the sentence that answers is often not in the best few. With half of them
 * facts are .650 instead of .667, by `npm run eval -- weights`; without the openings of documents 1 of its 480 answers is
 * another, and none without the rests, which are for lists and tables that go on in the next chunk.
 */
const CANDIDATE_CHUNKS = 24;
const OPENED_DOCUMENTS = 4;
const OPENING_CHUNKS = [0, 1];
const CONTINUED_CHUNKS = 6;

/** Retrieves the chunks in which an answer is looked for, with the statistics that weigh the question's terms. */
export async function findCandidates(
  deps: FindDeps,
  question: Question,
  { collection, top_k, filter }: QueryRequest,
  options: ModelCallOptions,
): Promise<Found> {
  const topK = Math.max(top_k, CANDIDATE_CHUNKS);
  const terms = question.terms.map(({ stem }) => stem);
  const [retrieved, statistics, sections] = await Promise.all([
    deps.retrieve({ query: question.text, collection, topK, mode: 'auto', filter }, options),
    deps.store.termStatistics(collection, terms, options),
    findSections(deps, question, { collection, filter }, options),
  ]);
  const { results } = retrieved;
  const isSmall = filter === undefined && statistics.chunks <= SMALL_COLLECTION_CHUNKS;
  const more = isSmall
    ? await allOf(deps, collection, options)
    : [...sections, ...openingsOf(results), ...(asksForList(question) ? restsOf(results) : [])];
  return {
    retrieved,
    candidates: [...results, ...(await readMore(deps, collection, results, more, options))],
    statistics,
  };
}

const SECTIONS = 8;

/** Sections that tell what is asked under a heading of their own, as "Author", and need not hold the verb of the question. */
async function findSections(
  { retrieve }: FindDeps,
  { text, language = 'en', terms }: Question,
  { collection, filter }: Pick<QueryRequest, 'collection' | 'filter'>,
  options: ModelCallOptions,
): Promise<readonly ChunkRef[]> {
  const section = askedValue(text, language)?.section;
  const subject = terms.filter(({ emphasis }) => emphasis === 1).map(({ raw }) => raw);
  if (section === undefined || subject.length === 0) return [];
  const query = [...subject, section.word].join(' ');
  const { results } = await retrieve({ query, collection, topK: SECTIONS, mode: 'lexical', filter }, options);
  return results.map(({ chunk }) => chunk);
}

/** All chunks of a collection that has no more than are looked through: any may say in other words what is asked. */
async function allOf(
  { store }: FindDeps,
  collection: string,
  options: ModelCallOptions,
): Promise<readonly ChunkRef[]> {
  const documents = await store.listDocuments(collection, { limit: SMALL_COLLECTION_CHUNKS }, options);
  return documents.flatMap(({ id, chunkCount }) =>
    Array.from({ length: chunkCount }, (_, ordinal) => ({ documentId: id, ordinal })),
  );
}

/** The first chunks of the best documents. */
function openingsOf(results: readonly RetrievedChunk[]): readonly ChunkRef[] {
  const documents = [...new Set(results.map(({ chunk }) => chunk.documentId))].slice(0, OPENED_DOCUMENTS);
  return documents.flatMap((documentId) => OPENING_CHUNKS.map((ordinal) => ({ documentId, ordinal })));
}

/** The chunks around those of the best that are cut within a numbered list or a table. */
function restsOf(results: readonly RetrievedChunk[]): readonly ChunkRef[] {
  return results.slice(0, CONTINUED_CHUNKS).flatMap(({ chunk }) => {
    const blocks = passageOf(chunk).blocks.filter((block) => !isEmpty(block));
    const { documentId, ordinal } = chunk;
    const after = isInEntries(blocks.at(-1)) ? [1, 2] : [];
    const before = isInEntries(blocks[0]) && ordinal > 0 ? [-1] : [];
    return [...before, ...after].map((step) => ({ documentId, ordinal: ordinal + step }));
  });
}

/** A step, a row, or something that an item holds. */
function isInEntries(block: Block | undefined): boolean {
  if (block === undefined) return false;
  if (block.kind === 'row') return true;
  return block.kind === 'item' ? block.ordinal !== undefined : block.parent >= 0;
}

async function readMore(
  { store }: FindDeps,
  collection: string,
  results: readonly RetrievedChunk[],
  refs: readonly ChunkRef[],
  { signal, deadline }: ModelCallOptions,
): Promise<readonly RetrievedChunk[]> {
  const known = new Set(results.map(({ chunk }) => keyOf(chunk)));
  const unknown = new Map(refs.filter((ref) => !known.has(keyOf(ref))).map((ref) => [keyOf(ref), ref]));
  if (unknown.size === 0) return [];
  const lowest = results.length === 0 ? 1 : Math.min(...results.map(({ score }) => score));
  const chunks = await store.getChunks(collection, [...unknown.values()], { signal, deadline });
  return chunks.map((chunk) => ({ chunk, score: lowest }));
}

function keyOf({ documentId, ordinal }: ChunkRef): string {
  return `${documentId}#${ordinal}`;
}
