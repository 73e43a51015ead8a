import type { StoreCallOptions } from '../store-call.ts';
import type { Connections } from './connections.ts';
import type { Db } from './db.ts';
import type { GraphKeeper } from './graph-keeper.ts';
import { requireLead } from './lead.ts';
import { dropOldSets, searchWholeSet } from './make-vectors.ts';

/** Does work that changes what is kept, in one transaction. */
export type Change = <T>(work: (db: Db) => Promise<T>, options?: StoreCallOptions) => Promise<T>;

/** After a change, a set that it made whole is searched, and what it calls for is done in the background. */
export function changeIn({ write }: Pick<Connections, 'write'>, graphs: Pick<GraphKeeper, 'note'>): Change {
  return async (work, options) => {
    const { value, hasOld } = await write(async (db) => {
      await requireLead(db, options?.lead);
      const result = await work(db);
      return { value: result, hasOld: await searchWholeSet(db) };
    }, options);
    graphs.note();
    // The next change tries again.
    if (hasOld) void write(dropOldSets).catch(() => {});
    return value;
  };
}
