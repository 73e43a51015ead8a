import { StoreError } from '../store-error.ts';
import type { QuarantinedText, TextVector, VectorSet } from '../vectors.ts';
import { renewGenerations } from './collections.ts';
import type { Db } from './db.ts';
import { lockVectorSets } from './locks.ts';
import { livingSets, madeSet, tableOf } from './vector-sets.ts';

/** Nothing is made or searched from now on. True where there was anything. */
export async function discardSets(db: Db): Promise<boolean> {
  await lockVectorSets(db, 'exclusive');
  await db.run('UPDATE vector_sets SET is_made = false, is_searched = false WHERE is_made OR is_searched');
  await db.run('DELETE FROM pending_chunks');
  return (await db.get('SELECT 1 FROM vector_sets LIMIT 1')) !== undefined;
}

/** Makes this the set that is made, if it is not. */
export async function beginSet(db: Db, { id, model, dimensions }: VectorSet): Promise<void> {
  await lockVectorSets(db, 'exclusive');
  const sets = await livingSets(db);
  if (sets.some((set) => set.isMade && set.id === id)) return;
  const searched = sets.find((set) => set.isSearched && set.id === id);
  await db.run('UPDATE vector_sets SET is_made = false');
  if (searched !== undefined) {
    await db.run('UPDATE vector_sets SET is_made = true WHERE id = $1', searched.row);
    await renewPending(db, searched.row);
    return;
  }
  const sql = `INSERT INTO vector_sets (name, model, dimensions, is_made, is_searched)
    VALUES ($1, $2, $3, true, false) RETURNING id`;
  const row = Number((await db.get(sql, id, model, dimensions))?.['id']);
  await createTable(db, row, dimensions);
  await renewPending(db, row);
}

/** Without a graph: large collections get one of their own (`graphs.ts`). */
async function createTable(db: Db, row: number, dimensions: number): Promise<void> {
  const table = tableOf({ row });
  await db.run(`CREATE TABLE ${table} (chunk bigint PRIMARY KEY, collection integer NOT NULL,
    embedding halfvec(${dimensions}) NOT NULL, is_divided boolean NOT NULL)`);
  await db.run(`CREATE INDEX ${table}_divided ON ${table} (collection) WHERE is_divided`);
  await db.run(`CREATE INDEX ${table}_collection ON ${table} (collection)`);
}

async function renewPending(db: Db, row: number): Promise<void> {
  await db.run('DELETE FROM pending_chunks');
  const sql = `INSERT INTO pending_chunks SELECT c.id, d.collection FROM chunks c JOIN documents d ON d.id = c.document
    JOIN collections l ON l.id = d.collection WHERE NOT EXISTS (SELECT 1 FROM ${tableOf({ row })} v WHERE v.chunk = c.id)
    AND NOT EXISTS (SELECT 1 FROM quarantined_texts q WHERE q.vector_set = $1 AND q.text_hash = c.text_hash)`;
  await db.run(sql, row);
}

/** Keeps the vectors for all pending chunks that have these texts, where `set` is the set that is made. */
export async function putVectors(db: Db, set: string, vectors: readonly TextVector[]): Promise<void> {
  await lockVectorSets(db, 'shared');
  const made = await madeSet(db);
  if (made?.id !== set) return;
  for (const { vector } of vectors) requireFit(vector, made.dimensions);
  const taken = await db.all(
    `WITH given AS (SELECT decode(hash, 'hex') AS text_hash, vector, is_divided
        FROM unnest($1::text[], $2::text[], $3::boolean[]) AS g (hash, vector, is_divided)),
      taken AS (SELECT p.chunk, p.collection, g.vector, g.is_divided FROM given g JOIN chunks c ON c.text_hash = g.text_hash
        JOIN pending_chunks p ON p.chunk = c.id FOR UPDATE OF p),
      kept AS (INSERT INTO ${tableOf(made)} (chunk, collection, embedding, is_divided)
        SELECT chunk, collection, vector::halfvec, is_divided FROM taken ON CONFLICT DO NOTHING)
      DELETE FROM pending_chunks p USING taken WHERE p.chunk = taken.chunk RETURNING p.collection`,
    vectors.map(({ hash }) => hash),
    vectors.map(({ vector }) => `[${unit(vector).join(',')}]`),
    vectors.map(({ isDivided = false }) => isDivided),
  );
  await renewGenerations(db, [...new Set(taken.map(({ collection }) => Number(collection)))]);
}

function requireFit(vector: Float32Array, dimensions: number): void {
  if (vector.length !== dimensions) {
    const detail = `the vector has ${vector.length} dimensions, and those of its set have ${dimensions}`;
    throw new StoreError('VECTOR_UNFIT', { detail });
  }
  if (vector.every((value) => Number.isFinite(value)) && vector.some((value) => value !== 0)) return;
  const detail = 'the vector has no direction: it is all zeros, or has a number that is not finite';
  throw new StoreError('VECTOR_UNFIT', { detail });
}

/** Of length 1, so that it fits into halves of floats. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

export async function quarantineText(db: Db, set: string, { hash, reason }: QuarantinedText): Promise<void> {
  await lockVectorSets(db, 'shared');
  const made = await madeSet(db);
  if (made?.id !== set) return;
  const sql = `INSERT INTO quarantined_texts VALUES ($1, decode($2, 'hex'), $3)
    ON CONFLICT (vector_set, text_hash) DO UPDATE SET reason = excluded.reason`;
  await db.run(sql, made.row, hash, reason);
  await db.run(
    `DELETE FROM pending_chunks WHERE chunk IN (SELECT id FROM chunks WHERE text_hash = decode($1, 'hex'))`,
    hash,
  );
}

/** The set that is made becomes the one that is searched once nothing of it is pending. True while there are old sets. */
export async function searchWholeSet(db: Db): Promise<boolean> {
  const sets = await db.all('SELECT is_made, is_searched FROM vector_sets');
  const isNew = sets.some((set) => set['is_made'] === true && set['is_searched'] === false);
  if (isNew && (await db.get('SELECT 1 FROM pending_chunks LIMIT 1')) === undefined) {
    await db.run('UPDATE vector_sets SET is_searched = is_made WHERE is_searched <> is_made');
    const collections = await db.all('SELECT id FROM collections');
    await renewGenerations(
      db,
      collections.map(({ id }) => Number(id)),
    );
    return sets.length > 1;
  }
  return sets.some((set) => set['is_made'] === false && set['is_searched'] === false);
}

/** Searches that are under way are waited for no longer than this: the next change tries again. */
const MOST_WAIT_MS = 1_000;

/** A table of which a graph is made just now would be waited for. */
const OLD_SETS = `SELECT id FROM vector_sets WHERE NOT is_made AND NOT is_searched AND NOT EXISTS
  (SELECT 1 FROM pg_stat_progress_create_index WHERE relid = to_regclass('xnai.vectors_' || id))`;

/** Deletes the sets that are neither made nor searched. */
export async function dropOldSets(db: Db): Promise<void> {
  if ((await db.get(OLD_SETS)) === undefined) return;
  await db.run(`SET LOCAL lock_timeout = ${MOST_WAIT_MS}`);
  await lockVectorSets(db, 'exclusive');
  for (const { id } of await db.all(OLD_SETS)) {
    await db.run(`DROP TABLE ${tableOf({ row: Number(id) })}`);
    for (const table of ['quarantined_texts', 'set_checks'])
      await db.run(`DELETE FROM ${table} WHERE vector_set = $1`, id);
    await db.run('DELETE FROM vector_sets WHERE id = $1', id);
  }
}
