import { SELECT_CHECKS, toCheck } from '../stored-check.ts';
import type { SetCheck } from '../vectors.ts';
import type { Db } from './db.ts';
import { lockCollection, lockVectorSets } from './locks.ts';

/** The locks keep the collection and the set from being deleted meanwhile. */
export async function keepCheck(
  db: Db,
  { collection, set, chunks, checkedAt, found }: SetCheck,
): Promise<void> {
  await lockVectorSets(db, 'shared');
  await lockCollection(db, collection);
  await db.run(
    `INSERT INTO set_checks SELECT c.id, s.id, $3, $4, $5 FROM collections c, vector_sets s
      WHERE c.name = $1 AND s.name = $2 AND (s.is_made OR s.is_searched)
      ON CONFLICT (collection, vector_set) DO UPDATE
      SET chunks = excluded.chunks, checked_at = excluded.checked_at, found = excluded.found`,
    collection,
    set,
    chunks,
    checkedAt,
    found,
  );
}

export async function setChecks(db: Db): Promise<SetCheck[]> {
  return (await db.all(SELECT_CHECKS)).map(toCheck);
}
