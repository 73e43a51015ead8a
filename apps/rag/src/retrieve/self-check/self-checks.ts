import type { Embedder } from '@xnai/inference';
import type { Check, Logger } from '@xnai/service';
import { embeddedShare, NEARLY_ALL } from '../../embed/embedded-share.ts';
import { vectorSetOf } from '../../embed/vector-set.ts';
import type { DenseShare } from '../../store/fuse.ts';
import type { CollectionStats, Store } from '../../store/store.ts';
import type { VectorSet } from '../../store/vectors.ts';
import { LEAST_ASKED, START_WEIGHT } from '../dense-weight.ts';
import { type Answers, checkCollection, type Evidence, isPassing } from './check-collection.ts';
import type { CheckDeps } from './check-deps.ts';

export interface SelfChecksDeps {
  readonly store: CheckDeps['store'] & Pick<Store, 'listCollections' | 'vectors'>;
  readonly embedder: Pick<Embedder, 'embed' | 'state'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly nowMs?: () => number;
}

export interface CheckedShare extends DenseShare {
  /** By a check of the collection; else the weight is that of the start. */
  readonly isMeasured: boolean;
}

type CheckOptions = Pick<CheckDeps, 'untilFree' | 'signal'>;

export interface SelfChecks {
  /** What the dense leg weighs in a collection. */
  shareOf(collection: string): CheckedShare;
  /**
   * Checks each collection whose set or size is another one than when it was checked last. One that fails is tried again
   * after a while, from where it stopped.
   *
   * @throws {ModelError} when the model takes no question for now
   */
  checkDue(options: CheckOptions): Promise<void>;
  readonly check: Check;
}

/** For what a collection was checked. */
interface Checked {
  readonly set: string;
  readonly chunks: number;
}

interface Known extends Evidence, Checked {}

interface Stopped extends Checked {
  readonly answers: Answers;
  readonly againMs: number;
}

export const AT_START: CheckedShare = { weight: START_WEIGHT, isMeasured: false };
/** A collection is checked again when it has grown or shrunk by this share. */
const MUCH = 0.25;
const PAGE = 100;
const AGAIN_AFTER_MS = 600_000;

/** Knows for each collection how good both legs are at finding what is in it. Kept in memory. */
export function createSelfChecks({
  store,
  embedder,
  log,
  nowMs = () => performance.now(),
}: SelfChecksDeps): SelfChecks {
  const known = new Map<string, Known>();
  const stopped = new Map<string, Stopped>();
  const isDue = async (collection: CollectionStats, set: VectorSet, signal: AbortSignal) => {
    const { name } = collection;
    const stop = sameAs(stopped.get(name), collection, set);
    if (sameAs(known.get(name), collection, set) || (stop && nowMs() < stop.againMs)) return false;
    return embeddedShare(set, await store.vectors.stats(name, { signal })) >= NEARLY_ALL;
  };
  const check = async (collection: CollectionStats, set: VectorSet, options: CheckOptions) => {
    const { name, chunks } = collection;
    const answers: Answers = sameAs(stopped.get(name), collection, set)?.answers ?? new Map();
    try {
      if (!(await isDue(collection, set, options.signal))) return;
      const deps = { store, embedder, ...options };
      const evidence = await checkCollection(deps, { collection: name, set, answers });
      if (vectorSetOf(embedder)?.id !== set.id) return;
      known.set(name, { ...evidence, set: set.id, chunks });
      stopped.delete(name);
      log.info({ collection: name, ...evidence }, 'a collection has been asked for its own chunks');
    } catch (err) {
      options.signal.throwIfAborted();
      const againMs = isPassing(err) ? 0 : nowMs() + AGAIN_AFTER_MS;
      stopped.set(name, { set: set.id, chunks, answers, againMs });
      if (isPassing(err)) throw err;
      log.warn({ err, collection: name }, 'a collection could not be asked for its own chunks');
    }
  };
  const checkDue: SelfChecks['checkDue'] = async (options) => {
    const set = vectorSetOf(embedder);
    if (set === undefined) return;
    const collections = await listAll(store, options.signal);
    for (const kept of [known, stopped]) keepOnly(kept, collections);
    for (const collection of collections) {
      await options.untilFree(options.signal);
      await check(collection, set, options);
      if (vectorSetOf(embedder)?.id !== set.id) return;
    }
  };
  return {
    shareOf(collection) {
      const found = known.get(collection);
      if (found === undefined || found.asked < LEAST_ASKED || found.set !== vectorSetOf(embedder)?.id)
        return AT_START;
      return { weight: found.weight, spread: found.spread, isMeasured: true };
    },
    checkDue,
    check: { name: 'fusion', check: () => report([...known.values()]) },
  };
}

function keepOnly(kept: Map<string, Checked>, collections: readonly CollectionStats[]): void {
  for (const name of kept.keys()) if (!collections.some((each) => each.name === name)) kept.delete(name);
}

/** Undefined where much has changed since. */
function sameAs<T extends Checked>(
  last: T | undefined,
  { chunks }: CollectionStats,
  set: VectorSet,
): T | undefined {
  return last?.set === set.id && Math.abs(chunks - last.chunks) <= MUCH * last.chunks ? last : undefined;
}

async function listAll(store: Pick<Store, 'listCollections'>, signal: AbortSignal) {
  const all: CollectionStats[] = [];
  for (;;) {
    const page = await store.listCollections({ after: all.at(-1)?.name, limit: PAGE }, { signal });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

const MOST_REPORTED = 10;

/** Without names of collections, since everybody may read `/readyz`. */
function report(known: readonly Known[]): ReturnType<Check['check']> {
  const largest = known.toSorted((a, b) => b.chunks - a.chunks).slice(0, MOST_REPORTED);
  if (largest.length === 0)
    return { status: 'absent', detail: 'no collection with vectors has been checked' };
  const collections = largest.map(({ chunks, weight, asked, hitRates }) => ({
    chunks,
    dense_weight: round(weight),
    measured: asked >= LEAST_ASKED,
    asked,
    lexical_hit_rate: round(hitRates.lexical),
    dense_hit_rate: round(hitRates.dense),
    hybrid_hit_rate: round(hitRates.hybrid),
  }));
  return { status: 'ok', detail: { collections } };
}

function round(share: number): number | null {
  return Number.isFinite(share) ? Math.round(share * 1000) / 1000 : null;
}
