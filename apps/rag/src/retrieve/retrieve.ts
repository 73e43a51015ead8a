import type { DegradedToken, Filter, Retrieval, RetrievalMode } from '@xnai/contracts';
import { type Embedder, type ModelCallOptions, ModelError, type Reranker } from '@xnai/inference';
import { deadlineIn } from '@xnai/resilience';
import { inSpan } from '@xnai/service/trace';
import { statsOfSet } from '../embed/embedded-share.ts';
import { vectorSetOf } from '../embed/vector-set.ts';
import { roundMs } from '../round-ms.ts';
import type { NearTerm, Store, StoreHit, StoreHits } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import type { QueryVector, VectorStore } from '../store/vectors.ts';
import { type ChosenMode, chooseMode } from './choose-mode.ts';
import { rerank } from './rerank.ts';
import { searchedAs } from './searched-as.ts';
import { AT_START, type CheckedShare } from './self-check/self-checks.ts';

/** Finds the chunks that speak to a question, best first. */
export type Retrieve = (request: RetrieveRequest, options?: ModelCallOptions) => Promise<Retrieved>;

export interface RetrieveRequest {
  readonly query: string;
  readonly collection: string;
  readonly topK: number;
  readonly mode: RetrievalMode;
  readonly filter?: Filter | undefined;
}

export interface Retrieved {
  readonly results: readonly RetrievedChunk[];
  readonly retrieval: Retrieval;
  readonly degraded: readonly DegradedToken[];
  /** What stood for words of the question that no chunk holds. */
  readonly near: readonly NearTerm[];
  /** The question with those words as the results write them, where that is another. */
  readonly searched: string | undefined;
}

export type RetrievedChunk = StoreHit;

export interface RetrieveDeps {
  readonly store: Searched;
  readonly embedder: Embedder;
  readonly reranker: Reranker;
  /** What the dense leg weighs in a collection. Default: as at the start. */
  readonly shareOf?: (collection: string) => CheckedShare;
  readonly nowMs?: () => number;
}

/** The part of the store that is searched. */
interface Searched extends Pick<Store, 'search'> {
  readonly vectors: Pick<VectorStore, 'stats'>;
}

/** Chunks taken from each leg before fusing and reranking. */
const CANDIDATES = 50;

/** Embed the question → search both legs → fuse → rerank. A step that is not available is skipped and named in `degraded`. */
export function createRetrieve({
  store,
  embedder,
  reranker,
  shareOf = () => AT_START,
  nowMs = () => performance.now(),
}: RetrieveDeps): Retrieve {
  const retrieve = async (request: RetrieveRequest, options: ModelCallOptions): Promise<Retrieved> => {
    const startedMs = nowMs();
    const leg = await embedQuestion(request, { store, embedder, shareOf, nowMs }, options);
    const isBest = reranker.state().status !== 'ready';
    const { hits, near, isDense, tookMs } = await searchLegs(request, { ...leg, isBest }, store, options);
    const used = isDense ? leg : withoutDense(request, leg);
    const ranked = await rerank(
      { ...request, hits },
      { reranker, candidates: CANDIDATES, nowMs },
      inHalfTheTime(options),
    );
    const results = ranked.hits.slice(0, request.topK);
    const isStandIn = (isDense && leg.isStandIn) || ranked.isStandIn;
    return {
      results,
      near,
      searched: searchedAs(request.query, near, results),
      retrieval: {
        mode: used.mode,
        legs: legsOf(used, tookMs),
        reranked: ranked.isReranked,
        took_ms: roundMs(nowMs() - startedMs),
      },
      degraded: [
        ...(used.isDegraded ? ['embedder' as const] : []),
        ...(ranked.isDegraded ? ['reranker' as const] : []),
        ...(isStandIn ? ['model-server' as const] : []),
      ],
    };
  };
  return (request, options = {}) => {
    const { collection } = request;
    const attributes = { 'gen_ai.operation.name': 'retrieval', 'gen_ai.data_source.id': collection };
    return inSpan(`retrieval ${collection}`, { attributes }, async (span) => {
      const { retrieval, results, ...rest } = await retrieve(request, options);
      span.setAttributes({
        'xnai.retrieval.mode': retrieval.mode,
        'xnai.retrieval.reranked': retrieval.reranked,
        'xnai.retrieval.results': results.length,
      });
      return { retrieval, results, ...rest };
    });
  };
}

/** A dense leg that is off is told too: its weight says why it was not searched. */
function legsOf({ mode, dense }: Legs, tookMs: StoreHits['tookMs']): Retrieval['legs'] {
  return {
    ...(mode === 'dense' ? {} : { lexical: { took_ms: roundMs(tookMs.lexical) } }),
    ...(dense && {
      dense: {
        took_ms: roundMs(dense.tookMs + tookMs.dense),
        weight: round(dense.share.weight),
        measured: dense.share.isMeasured,
        ...(dense.share.measuredAt !== undefined && { measured_at: dense.share.measuredAt }),
        embedded: dense.embedded,
      },
    }),
  };
}

function round(weight: number): number {
  return Math.round(weight * 1000) / 1000;
}

interface Legs extends ChosenMode {
  readonly vector: QueryVector | undefined;
  /** The vector is of a local model that stands in. */
  readonly isStandIn?: boolean | undefined;
  /** Where the dense leg is searched, or would be if it were not off. */
  readonly dense: DenseUse | undefined;
}

interface DenseUse {
  readonly share: CheckedShare;
  /** Chunks of the collection that have a vector. */
  readonly embedded: number;
  /** For the vector of the question. */
  readonly tookMs: number;
}

interface Wanted extends Legs {
  /** The order of the store is the last one, so that nothing beyond the results is needed: copying chunks costs time. */
  readonly isBest: boolean;
}

const CHANGED = 'the embedding model has changed during the search';

/** What fails is missed in `auto` alone, and has half of the time there: the words are searched in the other half. */
async function embedQuestion(
  request: RetrieveRequest,
  deps: EmbedDeps,
  options: ModelCallOptions,
): Promise<Legs> {
  if (request.mode !== 'auto') return await tryToEmbed(request, deps, options);
  try {
    return await tryToEmbed(request, deps, inHalfTheTime(options));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof StoreError && error.code === 'COLLECTION_NOT_FOUND') throw error;
    return LEXICAL_INSTEAD;
  }
}

type EmbedDeps = Required<Omit<RetrieveDeps, 'reranker'>>;

async function tryToEmbed(
  { query, collection, mode: asked }: RetrieveRequest,
  { store, embedder, shareOf, nowMs }: EmbedDeps,
  options: ModelCallOptions,
): Promise<Legs> {
  const set = asked === 'lexical' ? undefined : vectorSetOf(embedder);
  const stats = set && (await store.vectors.stats(collection, options));
  const chosen = chooseMode(asked, { embedder: embedder.state(), set, stats });
  if (set === undefined || chosen.mode === 'lexical')
    return { ...chosen, vector: undefined, dense: undefined };
  const share = chosen.mode === 'hybrid' ? shareOf(collection) : DENSE_ALONE;
  const dense = { share, embedded: (stats && statsOfSet(set, stats)?.embedded) ?? 0, tookMs: 0 };
  if (share.weight === 0) return { ...chosen, mode: 'lexical', vector: undefined, dense };
  const startedMs = nowMs();
  const { vectors, isStandIn } = await embedder.embed([query], 'query', options);
  // The process may have come back with another model meanwhile.
  const [values] = vectorSetOf(embedder)?.id === set.id ? vectors : [];
  if (values === undefined) throw new ModelError('EMBEDDER_NOT_READY', { detail: CHANGED });
  const vector = { set: set.id, values };
  return { ...chosen, vector, isStandIn, dense: { ...dense, tookMs: nowMs() - startedMs } };
}

const DENSE_ALONE: CheckedShare = { weight: 1, isMeasured: false };
const LEXICAL_INSTEAD: Legs = { mode: 'lexical', isDegraded: true, vector: undefined, dense: undefined };

interface Found {
  readonly hits: readonly RetrievedChunk[];
  readonly near: readonly NearTerm[];
  /** Vectors were compared. */
  readonly isDense: boolean;
  readonly tookMs: StoreHits['tookMs'];
}

async function searchLegs(
  { query, collection, topK, filter }: RetrieveRequest,
  { mode, vector, dense: use, isBest }: Wanted,
  store: Searched,
  options: ModelCallOptions,
): Promise<Found> {
  const text = mode === 'dense' ? undefined : query;
  const most = Math.max(topK, CANDIDATES);
  const k = isBest ? topK : most;
  const share = text === undefined ? undefined : use?.share;
  const { lexical, dense, fused, near, tookMs } = await store.search(
    { collection, text, vector, filter, k, joinAmong: most, share },
    options,
  );
  const hits = fused ?? (text === undefined ? dense : lexical) ?? [];
  return { hits, near, isDense: dense !== undefined, tookMs };
}

/** The set that is searched may have become another one after the question was embedded. */
function withoutDense({ mode: asked }: RetrieveRequest, leg: Legs): Legs {
  if (leg.vector === undefined) return leg;
  if (asked === 'dense') throw new ModelError('EMBEDDER_NOT_READY', { detail: CHANGED });
  return LEXICAL_INSTEAD;
}

/** Optional steps get half of the remaining time, so that the required ones still have theirs. */
function inHalfTheTime({ signal, priority, deadline }: ModelCallOptions): ModelCallOptions {
  return { signal, priority, deadline: deadline && deadlineIn(deadline.remainingMs() / 2) };
}
