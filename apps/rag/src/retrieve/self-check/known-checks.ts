import type { Logger } from '@xnai/service';
import { isLeadLost } from '../../store/lead.ts';
import type { StoreCallOptions } from '../../store/store-call.ts';
import type { VectorStore } from '../../store/vectors.ts';
import { fromKept, type Known, toKept } from './kept-evidence.ts';

export interface KnownChecksDeps {
  readonly vectors: Pick<VectorStore, 'checks' | 'keepCheck'>;
  readonly log: Pick<Logger, 'warn'>;
}

/** What the store keeps of checks, as this process has read it last, and what it has found itself. */
export interface KnownChecks {
  /** `set`: undefined where there is no model that is ready. */
  get(collection: string, set: string | undefined): Known | undefined;
  ofSet(set: string | undefined): readonly Known[];
  /** Reads what there is now. */
  recall(options: StoreCallOptions): Promise<void>;
  /** Used from now on, also where the store cannot take it: `keepRest` tries that again. */
  add(found: Known, options: StoreCallOptions): Promise<void>;
  keepRest(options: StoreCallOptions): Promise<void>;
}

export function createKnownChecks({ vectors, log }: KnownChecksDeps): KnownChecks {
  let known: ReadonlyMap<string, Known> = new Map();
  const unkept = new Map<string, Known>();
  /** Tells whether something was added while the store was read. */
  let added = 0;
  const keep = async (found: Known, options: StoreCallOptions) => {
    const key = keyOf(found);
    try {
      await vectors.keepCheck(toKept(found), options);
      unkept.delete(key);
    } catch (err) {
      options.signal?.throwIfAborted();
      if (isLeadLost(err)) throw err;
      if (!unkept.has(key)) log.warn({ err, collection: found.collection }, 'a check could not be kept');
      unkept.set(key, found);
    }
  };
  const recall: KnownChecks['recall'] = async (options) => {
    const before = added;
    const kept = (await vectors.checks(options)).flatMap((check) => fromKept(check) ?? []);
    if (added !== before) return await recall(options);
    for (const found of kept)
      if (found.checkedAt >= (unkept.get(keyOf(found))?.checkedAt ?? '')) unkept.delete(keyOf(found));
    known = new Map([...kept, ...unkept.values()].map((found) => [keyOf(found), found]));
  };
  return {
    get: (collection, set) => (set === undefined ? undefined : known.get(keyOf({ collection, set }))),
    ofSet: (set) => [...known.values()].filter((found) => found.set === set),
    recall,
    async add(found, options) {
      await keep(found, options);
      known = new Map([...known, [keyOf(found), found]]);
      added += 1;
    },
    async keepRest(options) {
      for (const found of [...unkept.values()]) await keep(found, options);
    },
  };
}

function keyOf({ collection, set }: Pick<Known, 'collection' | 'set'>): string {
  return `${set} ${collection}`;
}
