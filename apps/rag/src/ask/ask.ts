import type { Citation, DegradedToken, QueryRequest, QueryResponse } from '@xnai/contracts';
import type { Generator } from '@xnai/inference';
import { ModelError } from '@xnai/inference';
import type { Retrieve, Retrieved, RetrievedChunk } from '../retrieve/retrieve.ts';
import { roundMs } from '../round-ms.ts';
import type { Store, TermStatistics } from '../store/store.ts';
import type { AnswerOptions } from './ask-options.ts';
import { citationOfChunk } from './citations.ts';
import { extractAnswer } from './extractive/extract.ts';
import { type Question, readQuestion } from './extractive/question.ts';
import { type Generated, generateAnswer } from './generative/generate.ts';

export type { AnswerListener, AnswerOptions } from './ask-options.ts';

export interface AnswerDeps {
  readonly store: Pick<Store, 'getChunks' | 'termStatistics'>;
  readonly retrieve: Retrieve;
  readonly generator: Generator;
  /** The share of its usual sources and words that an answer may take now, from 0 to 1; 1 by default. */
  readonly budget?: (() => number) | undefined;
  /** A clock that only goes forward, in milliseconds. */
  readonly nowMs?: (() => number) | undefined;
}

/** Throws ModelError MODEL_NOT_READY for mode `generative` without a model, and what the store and retrieval throw. */
export type Answer = (request: QueryRequest, options?: AnswerOptions) => Promise<QueryResponse>;

/** More chunks are looked through than are shown: the sentence that answers is often not in the best few. */
const CANDIDATE_CHUNKS = 24;

/** Question in, cited answer out: retrieve, generate when a model is ready, else extract; cite; verify. */
export function createAnswer(deps: AnswerDeps): Answer {
  const { nowMs = () => performance.now() } = deps;
  return async (request, options = {}) => {
    const startedMs = nowMs();
    const isGenerative = choosesModel(deps.generator, request);
    const question = readQuestion(request.query);
    const found = await find(deps, request, { question, options });
    const foundMs = nowMs();
    const made = await makeAnswer(deps, { request, question, found, isGenerative }, options);
    const endedMs = nowMs();
    return {
      ...made.body,
      retrieval: found.retrieved.retrieval,
      timings: {
        retrieval_ms: roundMs(foundMs - startedMs),
        answer_ms: roundMs(endedMs - foundMs),
        total_ms: roundMs(endedMs - startedMs),
        ...made.timings,
      },
      degraded: [...new Set([...found.retrieved.degraded, ...made.degraded])],
    };
  };
}

function choosesModel(generator: Generator, { mode }: QueryRequest): boolean {
  const { status, detail } = generator.state();
  if (mode === 'generative' && status !== 'ready') throw new ModelError('MODEL_NOT_READY', { detail });
  return mode !== 'extractive' && status === 'ready';
}

interface Found {
  readonly retrieved: Retrieved;
  /** What was retrieved, and how the documents found begin: there they say what they are about. */
  readonly candidates: readonly RetrievedChunk[];
  readonly statistics: TermStatistics;
}

async function find(
  deps: AnswerDeps,
  { query, collection, top_k, filter }: QueryRequest,
  { question, options }: { question: Question; options: AnswerOptions },
): Promise<Found> {
  const topK = Math.max(top_k, CANDIDATE_CHUNKS);
  const words = question.terms.map(({ raw }) => raw);
  const [retrieved, statistics] = await Promise.all([
    deps.retrieve({ query, collection, topK, mode: 'auto', filter }, options),
    deps.store.termStatistics(collection, words, options),
  ]);
  const openings = await readOpenings(deps, collection, retrieved.results, options);
  return { retrieved, candidates: [...retrieved.results, ...openings], statistics };
}

const OPENED_DOCUMENTS = 4;

async function readOpenings(
  { store }: AnswerDeps,
  collection: string,
  results: readonly RetrievedChunk[],
  { signal }: AnswerOptions,
): Promise<readonly RetrievedChunk[]> {
  const known = new Set(results.map(({ chunk }) => `${chunk.documentId}#${chunk.ordinal}`));
  const documents = [...new Set(results.map(({ chunk }) => chunk.documentId))].slice(0, OPENED_DOCUMENTS);
  const refs = documents
    .flatMap((documentId) => [0, 1].map((ordinal) => ({ documentId, ordinal })))
    .filter(({ documentId, ordinal }) => !known.has(`${documentId}#${ordinal}`));
  if (refs.length === 0) return [];
  const least = Math.min(...results.map(({ score }) => score));
  const chunks = await store.getChunks(collection, refs, { signal });
  return chunks.map((chunk) => ({ chunk, score: least }));
}

interface Made {
  readonly body: Pick<QueryResponse, 'answer' | 'mode' | 'citations' | 'usage'> &
    Partial<Pick<QueryResponse, 'finish_reason' | 'unsupported'>>;
  readonly timings?: Generated['timings'];
  readonly degraded: readonly DegradedToken[];
}

interface Work {
  readonly request: QueryRequest;
  readonly question: Question;
  readonly found: Found;
  readonly isGenerative: boolean;
}

async function makeAnswer(deps: AnswerDeps, work: Work, options: AnswerOptions): Promise<Made> {
  const { request, question, found, isGenerative } = work;
  const extracted = extractAnswer(question, found.candidates, found.statistics);
  if (extracted.citations.length === 0) return answerNone(request, options);
  const lacksModel = request.mode === 'auto' && !isGenerative && deps.generator.state().status !== 'absent';
  const degraded: DegradedToken[] = lacksModel ? ['model'] : [];
  const chunks = extracted.ranking.slice(0, request.top_k);
  if (!isGenerative) return { ...(await answerExtractive(extracted, chunks, options)), degraded };
  const budget = deps.budget?.() ?? 1;
  const memory: DegradedToken[] = budget < 1 ? ['memory'] : [];
  const generated = await generateAnswer(deps.generator, { request, chunks, budget }, options);
  if (generated === undefined) {
    return { ...(await answerExtractive(extracted, chunks, options)), degraded: ['model', ...memory] };
  }
  if (!generated.isUnsupported) return { ...generated, degraded: [...generated.degraded, ...memory] };
  // The words of the model are read already; the sources and the whole answer take their place.
  const quiet = { ...options, listener: onlySources(options.listener) };
  const { body } = await answerExtractive(extracted, chunks, quiet);
  const { timings } = generated;
  return {
    body: { ...body, usage: generated.body.usage },
    timings,
    degraded: ['unsupported-answer', ...memory],
  };
}

function onlySources(listener: AnswerOptions['listener']): AnswerOptions['listener'] {
  return listener && { sources: (citations) => listener.sources(citations), token: async () => undefined };
}

const NO_USAGE = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

async function answerNone({ collection }: QueryRequest, { listener }: AnswerOptions): Promise<Made> {
  const answer = `Nothing in the collection "${collection}" answers this question.`;
  await listener?.sources([]);
  await listener?.token(answer);
  return { body: { answer, mode: 'none', citations: [], usage: NO_USAGE }, degraded: [] };
}

/** The chunks of the quotes come first, so that a number means the same in the sources and in the answer. */
async function answerExtractive(
  { answer, citations }: { readonly answer: string; readonly citations: readonly Citation[] },
  chunks: readonly RetrievedChunk[],
  { listener }: AnswerOptions,
): Promise<Made> {
  const cited = new Set(citations.map(({ chunk_id }) => chunk_id));
  const rest = chunks
    .map((found) => citationOfChunk(found, 0))
    .filter(({ chunk_id }) => !cited.has(chunk_id))
    .map((citation, position) => ({ ...citation, index: citations.length + position + 1 }));
  await listener?.sources([...citations, ...rest]);
  for (const text of answer.match(/\S+\s*/g) ?? []) await listener?.token(text);
  return { body: { answer, mode: 'extractive', citations: [...citations], usage: NO_USAGE }, degraded: [] };
}
