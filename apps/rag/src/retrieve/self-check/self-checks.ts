import type { Embedder } from '@xnai/inference';
import type { Check, Logger } from '@xnai/service';
import { embeddedShare, NEARLY_ALL } from '../../embed/embedded-share.ts';
import { vectorSetOf } from '../../embed/vector-set.ts';
import type { DenseShare } from '../../store/fuse.ts';
import { isLeadLost, type LeadMark } from '../../store/lead.ts';
import type { CollectionStats, Store } from '../../store/store.ts';
import type { VectorSet } from '../../store/vectors.ts';
import { LEAST_ASKED, START_WEIGHT } from '../dense-weight.ts';
import { type Answers, checkCollection, isPassing } from './check-collection.ts';
import type { CheckDeps } from './check-deps.ts';
import type { Known } from './kept-evidence.ts';
import { createKnownChecks, type KnownChecks } from './known-checks.ts';
import { reportChecks } from './report-checks.ts';

export interface SelfChecksDeps {
  readonly store: CheckDeps['store'] & Pick<Store, 'listCollections' | 'vectors'>;
  readonly embedder: Pick<Embedder, 'embed' | 'state'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly nowMs?: () => number;
  /** ISO 8601. */
  readonly at?: () => string;
}

export interface CheckedShare extends DenseShare {
  /** By a check of the collection; else the weight is that of the start. */
  readonly isMeasured: boolean;
  /** When it was measured: ISO 8601. */
  readonly measuredAt?: string;
}

interface CheckOptions extends Pick<CheckDeps, 'untilFree' | 'signal'> {
  /** Where replicas share a store, one checks for all. */
  readonly lead?: LeadMark | undefined;
}

export interface SelfChecks {
  /** What the dense leg weighs in a collection. */
  shareOf(collection: string): CheckedShare;
  /** Whether there is a model to check with. */
  isReady(): boolean;
  /** Takes over what the store keeps: of the last run, or of the replica that checks for all. */
  recall(signal: AbortSignal): Promise<void>;
  /**
   * Checks each collection whose set or size is another one than when it was checked last. One that fails is tried again
   * after a while, from where it stopped.
   *
   * @throws {ModelError} when the model takes no question for now
   * @throws {StoreError} when the store fails; LEAD_LOST when another replica checks by now
   */
  checkDue(options: CheckOptions): Promise<void>;
  readonly check: Check;
}

/** For what a collection was checked. */
interface Checked {
  readonly set: string;
  readonly chunks: number;
}

interface Stopped extends Checked {
  readonly answers: Answers;
  readonly againMs: number;
}

export const AT_START: CheckedShare = { weight: START_WEIGHT, isMeasured: false };
/** A collection is checked again when it has grown or shrunk by this share. */
const MUCH = 0.25;
const PAGE = 100;
const AGAIN_AFTER_MS = 600_000;

/** Knows for each collection how good both legs are at finding what is in it. The store keeps it over a restart. */
export function createSelfChecks(deps: SelfChecksDeps): SelfChecks {
  const { store, embedder, log } = deps;
  const known = createKnownChecks({ vectors: store.vectors, log });
  const { checkIfDue, forget } = createChecker({ ...deps, known });
  const setInUse = () => vectorSetOf(embedder)?.id;
  return {
    shareOf: (collection) => shareBy(known.get(collection, setInUse())),
    isReady: () => setInUse() !== undefined,
    recall: (signal) => known.recall({ signal }),
    async checkDue(options) {
      const set = vectorSetOf(embedder);
      if (set === undefined) return;
      const { signal, lead } = options;
      await known.keepRest({ signal, lead });
      await known.recall({ signal });
      const collections = await listAll(store, signal);
      forget(collections);
      for (const collection of collections) {
        await options.untilFree(signal);
        await checkIfDue(collection, set, options);
        if (setInUse() !== set.id) return;
      }
    },
    check: { name: 'fusion', check: () => reportChecks(known.ofSet(setInUse())) },
  };
}

function shareBy(found: Known | undefined): CheckedShare {
  if (found === undefined || found.asked < LEAST_ASKED) return AT_START;
  const { weight, spread, checkedAt } = found;
  return { weight, spread, isMeasured: true, measuredAt: checkedAt };
}

interface CheckerDeps extends SelfChecksDeps {
  readonly known: KnownChecks;
}

/** Checks one collection at a time, and goes on where it stopped. */
function createChecker({
  store,
  embedder,
  log,
  known,
  nowMs = () => performance.now(),
  at = () => new Date().toISOString(),
}: CheckerDeps) {
  const stopped = new Map<string, Stopped>();
  const isDue = async (collection: CollectionStats, set: VectorSet, signal: AbortSignal) => {
    const { name } = collection;
    const stop = sameAs(stopped.get(name), collection, set);
    if (sameAs(known.get(name, set.id), collection, set) || (stop && nowMs() < stop.againMs)) return false;
    return embeddedShare(set, await store.vectors.stats(name, { signal })) >= NEARLY_ALL;
  };
  const check = async (
    { name, chunks }: CollectionStats,
    set: VectorSet,
    { answers, lead, ...options }: CheckOptions & { readonly answers: Answers },
  ) => {
    const evidence = await checkCollection(
      { store, embedder, ...options },
      { collection: name, set, answers },
    );
    if (vectorSetOf(embedder)?.id !== set.id) return;
    // One that was deleted and made again meanwhile has only its name in common with the one that was asked.
    const now = await store.getCollection(name, { signal: options.signal });
    if (now === undefined || now.chunks < (1 - MUCH) * chunks) return;
    const found = { ...evidence, collection: name, set: set.id, chunks, checkedAt: at() };
    await known.add(found, { signal: options.signal, lead });
    stopped.delete(name);
    log.info({ collection: name, ...evidence }, 'a collection has been asked for its own chunks');
  };
  const checkIfDue = async (collection: CollectionStats, set: VectorSet, options: CheckOptions) => {
    const { name, chunks } = collection;
    const answers: Answers = sameAs(stopped.get(name), collection, set)?.answers ?? new Map();
    try {
      if (await isDue(collection, set, options.signal)) await check(collection, set, { ...options, answers });
    } catch (err) {
      options.signal.throwIfAborted();
      if (isLeadLost(err)) throw err;
      const againMs = isPassing(err) ? 0 : nowMs() + AGAIN_AFTER_MS;
      stopped.set(name, { set: set.id, chunks, answers, againMs });
      if (isPassing(err)) throw err;
      log.warn({ err, collection: name }, 'a collection could not be asked for its own chunks');
    }
  };
  return {
    checkIfDue,
    forget(collections: readonly CollectionStats[]) {
      for (const name of stopped.keys())
        if (!collections.some((each) => each.name === name)) stopped.delete(name);
    },
  };
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
