import type { Database } from './database.ts';
import { insertTerms, type TermRow, termTable, termVersions } from './term-tables.ts';

/**
 * Terms of documents that wait for the end of the transaction, by place. FTS5 writes what it holds, as a segment to be
 * merged later, before every statement that can be undone by itself, such as one with a trigger. So the terms of all
 * documents of a transaction go in after its last statement, and make one segment instead of one for each.
 */
const waiting = new WeakMap<Database, Map<number, readonly TermRow[]>>();

function queueOf(db: Database): Map<number, readonly TermRow[]> {
  const known = waiting.get(db);
  if (known !== undefined) return known;
  const queue = new Map<number, readonly TermRow[]>();
  waiting.set(db, queue);
  return queue;
}

/** Makes the chunks of a document findable from the end of the transaction on. */
export function queueTerms(db: Database, place: number, rows: readonly TermRow[]): void {
  queueOf(db).set(place, rows);
}

/** Takes the terms of a document, whose chunks are still there, out of the tables and the queue. */
export function removeTerms(db: Database, collection: number, place: number): void {
  if (queueOf(db).delete(place)) return;
  for (const version of termVersions(db, collection)) {
    const table = termTable(collection, version);
    db.run(`DELETE FROM ${table} WHERE rowid IN (SELECT id FROM chunks WHERE document = ?)`, place);
  }
}

export function dropTermTables(db: Database, collection: number): void {
  const queue = queueOf(db);
  for (const [place, rows] of queue) if (rows[0]?.collection === collection) queue.delete(place);
  for (const version of termVersions(db, collection)) db.exec(`DROP TABLE ${termTable(collection, version)}`);
}

/** Runs `work` with an empty queue, and writes what is in it then. */
export function withTermsAtEnd<T>(db: Database, work: () => T): T {
  const queue = queueOf(db);
  queue.clear();
  const done = work();
  for (const rows of queue.values()) {
    const versions = termVersions(db, rows[0]?.collection ?? 0);
    for (const row of rows) for (const version of versions) insertTerms(db, version, row);
  }
  queue.clear();
  return done;
}
