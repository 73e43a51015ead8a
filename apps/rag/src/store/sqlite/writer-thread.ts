import { workerData } from 'node:worker_threads';
import { type TaskReply, toFailure } from '@xnai/service/thread-task';
import { boundLog } from './bound-log.ts';
import type { Database } from './database.ts';
import { collectRoom, documentsOf, emptyLog, giveBackSome, requireRoom, withSpareRoom } from './make-room.ts';
import { searchWholeSet } from './make-vectors.ts';
import { Reserve } from './reserve.ts';
import { openForWriting, type WriterOptions } from './schema.ts';
import { serve } from './serve.ts';
import { fromSqlite } from './sqlite-failure.ts';
import { raiseVersions } from './versions.ts';
import { applyWrite, isDeletion, type Write, type WriteValue } from './write.ts';

/** `value`: what `applyWrite` returned. */
export type WriteReply = TaskReply<WriteValue>;

const options = workerData as WriterOptions;
const reserve = new Reserve(options.path);
/** Since full-text tables were merged last: they keep the room of what is deleted until then. */
let hasDeleted = true;

const thread = serve(
  () => {
    const db = openForWriting(options);
    reserve.restore();
    return db;
  },
  (db, batch: readonly Write[]) => {
    const replies = writeBatch(db, batch);
    boundLog(db);
    return replies;
  },
  () => reserve.release(),
);
export const { open, answer, close } = thread;

/** All in one commit; where that fails, each in its own, so that one that cannot be stored fails alone. */
function writeBatch(db: Database, batch: readonly Write[]): WriteReply[] {
  try {
    const replies = commit(db, batch);
    giveBackSome(db);
    return replies;
  } catch (error) {
    return batch.flatMap((write) =>
      batch.length > 1 ? writeBatch(db, [write]) : writeAgain(db, write, error),
    );
  }
}

/** Once more where there was no room: a deletion with room that is kept for it, others in what earlier ones have left. */
function writeAgain(db: Database, write: Write, cause: unknown): WriteReply {
  const failure = fromSqlite(cause);
  const failed: WriteReply = { failure: toFailure(failure) };
  if (failure.code !== 'STORAGE_FULL') return failed;
  const { path, maxBytes } = options;
  try {
    if (isDeletion(write)) {
      return withSpareRoom(db, { path, reserve, maxBytes }, () => deleteInSteps(db, write)) ?? failed;
    }
    if (hasDeleted) collectRoom(db, { path, maxBytes });
    hasDeleted = false;
    return commit(db, [write])[0] ?? failed;
  } catch (error) {
    return { failure: toFailure(fromSqlite(error)) };
  }
}

function deleteInSteps(db: Database, write: Write): WriteReply | undefined {
  if (write.kind !== 'delete-collection') return commit(db, [write])[0];
  for (const key of documentsOf(db, write.collection)) {
    commit(db, [{ kind: 'delete-document', key, at: new Date().toISOString() }]);
    emptyLog(db);
  }
  return commit(db, [write])[0];
}

function commit(db: Database, batch: readonly Write[]): WriteReply[] {
  requireRoomFor(batch);
  db.exec('BEGIN IMMEDIATE');
  try {
    const replies = batch.map((write): WriteReply => ({ value: applyWrite(db, write) }));
    searchWholeSet(db);
    raiseVersions(db);
    db.exec('COMMIT');
    hasDeleted ||= batch.some((write) => isDeletion(write) || write.kind === 'upsert');
    return replies;
  } catch (error) {
    // A full disk makes SQLite roll back by itself.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function requireRoomFor(batch: readonly Write[]): void {
  const chars = batch.reduce((sum, write) => sum + ('document' in write ? write.document.text.length : 0), 0);
  if (chars > 0) requireRoom(options.path, chars);
}
