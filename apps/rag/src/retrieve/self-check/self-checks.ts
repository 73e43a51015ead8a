import type { Embedder } from '@xnai/inference';
import type { Check, Logger } from '@xnai/service';
import { embeddedShare, NEARLY_ALL } from '../../embed/embedded-share.ts';
import { vectorSetOf } from '../../embed/vector-set.ts';
import type { DenseShare } from '../../store/fuse.ts';
import type { CollectionStats, Store } from '../../store/store.ts';
import type { VectorSet } from '../../store/vectors.ts';
import { denseWeight, LEAST_ASKED, START_WEIGHT } from '../dense-weight.ts';
import { type CheckDeps, checkCollection, type Evidence } from './check-collection.ts';

export interface SelfChecksDeps {
  readonly store: CheckDeps['store'] & Pick<Store, 'listCollections' | 'vectors'>;
  readonly embedder: Pick<Embedder, 'embed' | 'state'>;
  readonly log: Pick<Logger, 'info'>;
}

export interface CheckedShare extends DenseShare {
  /** By a check of the collection; else the weight is that of the start. */
  readonly isMeasured: boolean;
}

export interface SelfChecks {
  /** What the dense leg weighs in a collection. */
  shareOf(collection: string): CheckedShare;
  /** Checks each collection whose set or size is another one than when it was checked last. */
  checkDue(options: Pick<CheckDeps, 'untilFree' | 'signal'>): Promise<void>;
  readonly check: Check;
}

interface Known extends Evidence {
  readonly set: string;
  readonly chunks: number;
  readonly weight: number;
}

export const AT_START: CheckedShare = { weight: START_WEIGHT, isMeasured: false };
/** A collection is checked again when it has grown or shrunk by this share. */
const MUCH = 0.25;
const PAGE = 100;

/** Knows for each collection how good both legs are at finding what is in it. Kept in memory. */
export function createSelfChecks({ store, embedder, log }: SelfChecksDeps): SelfChecks {
  const known = new Map<string, Known>();
  const isDue = async ({ name, chunks }: CollectionStats, set: VectorSet, signal: AbortSignal) => {
    const last = known.get(name);
    const hasChanged = last?.set !== set.id || Math.abs(chunks - last.chunks) > MUCH * last.chunks;
    if (!hasChanged) return false;
    return embeddedShare(set, await store.vectors.stats(name, { signal })) >= NEARLY_ALL;
  };
  const checkDue: SelfChecks['checkDue'] = async ({ untilFree, signal }) => {
    const set = vectorSetOf(embedder);
    if (set === undefined) return;
    const collections = await listAll(store, signal);
    for (const name of known.keys()) if (!collections.some((each) => each.name === name)) known.delete(name);
    for (const collection of collections) {
      if (!(await isDue(collection, set, signal))) continue;
      const { name: checked, chunks } = collection;
      const evidence = await checkCollection({ store, embedder, untilFree, signal }, checked, set);
      if (vectorSetOf(embedder)?.id !== set.id) return;
      const weight = denseWeight(evidence);
      known.set(checked, { ...evidence, set: set.id, chunks, weight });
      log.info(
        { collection: checked, ...evidence, weight },
        'a collection has been asked for its own chunks',
      );
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
  const collections = largest.map(({ chunks, weight, asked, lexical, dense }) => ({
    chunks,
    dense_weight: round(weight),
    measured: asked >= LEAST_ASKED,
    asked,
    lexical_hit_rate: round(lexical / asked),
    dense_hit_rate: round(dense / asked),
  }));
  return { status: 'ok', detail: { collections } };
}

function round(share: number): number | null {
  return Number.isFinite(share) ? Math.round(share * 1000) / 1000 : null;
}
