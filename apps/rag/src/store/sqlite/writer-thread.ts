import { workerData } from 'node:worker_threads';
import { type TaskReply, toFailure } from '@xnai/service/thread-task';
import { boundLog } from './bound-log.ts';
import type { Database } from './database.ts';
import { openForWriting, type WriterOptions } from './schema.ts';
import { serve } from './serve.ts';
import { fromSqlite } from './sqlite-failure.ts';
import { raiseVersions } from './versions.ts';
import { applyWrite, type Write, type WriteValue } from './write.ts';

/** `value`: what `applyWrite` returned. */
export type WriteReply = TaskReply<WriteValue>;

/** Pages given back to the file system after a batch that deleted: 4 MiB, so that no single call takes long. */
const VACUUM_PAGES = 1024;

export const { open, answer, close } = serve(
  () => openForWriting(workerData as WriterOptions),
  (db, batch: readonly Write[]) => {
    const replies = writeBatch(db, batch);
    boundLog(db);
    return replies;
  },
);

/** All in one commit; where that fails, each in its own, so that one that cannot be stored fails alone. */
function writeBatch(db: Database, batch: readonly Write[]): WriteReply[] {
  try {
    return giveBack(db, commit(db, batch));
  } catch (error) {
    return batch.length > 1
      ? batch.flatMap((write) => writeBatch(db, [write]))
      : [writeAgain(db, batch, error)];
  }
}

/** Once more where the disk was full: the room that the write-ahead log took may be what a deletion needs. */
function writeAgain(db: Database, batch: readonly Write[], cause: unknown): WriteReply {
  const failure = fromSqlite(cause);
  const failed: WriteReply = { failure: toFailure(failure) };
  if (failure.code !== 'STORAGE_FULL') return failed;
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return commit(db, batch)[0] ?? failed;
  } catch {
    // There was not even room for that; the first failure says it all.
    return failed;
  }
}

function commit(db: Database, batch: readonly Write[]): WriteReply[] {
  db.exec('BEGIN IMMEDIATE');
  try {
    const replies = batch.map((write): WriteReply => ({ value: applyWrite(db, write) }));
    raiseVersions(db);
    db.exec('COMMIT');
    return replies;
  } catch (error) {
    // A full disk makes SQLite roll back by itself.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function giveBack(db: Database, replies: WriteReply[]): WriteReply[] {
  const free = Number(db.get('PRAGMA freelist_count')?.['freelist_count']);
  if (free > VACUUM_PAGES) db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  return replies;
}
