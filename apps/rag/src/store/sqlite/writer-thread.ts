import { workerData } from 'node:worker_threads';
import { type TaskReply, toFailure } from '@xnai/service/thread-task';
import { boundLog } from './bound-log.ts';
import type { Database } from './database.ts';
import {
  collectRoom,
  documentsOf,
  emptyLog,
  fitsIntoMore,
  giveBackSome,
  hasRoom,
  requireRoom,
  withSpareRoom,
} from './make-room.ts';
import { bytesOfOthers, giveUpOthers, hasOldSets, searchWholeSet } from './make-vectors.ts';
import { Reserve } from './reserve.ts';
import { openForWriting, type WriterOptions } from './schema.ts';
import { fromSent, type SentWrite } from './sent-write.ts';
import { serve } from './serve.ts';
import { fromSqlite } from './sqlite-failure.ts';
import { madeSet } from './vector-sets.ts';
import { raiseVersions } from './versions.ts';
import { applyWrites, isDeletion, type Write, type WriteValue } from './write.ts';

/** `value`: what `applyWrites` returned. */
export type WriteReply = TaskReply<WriteValue>;

const options = workerData as WriterOptions;
const reserve = new Reserve(options.path);
const room = { path: options.path, reserve, maxBytes: options.maxBytes };
/** Since full-text tables were merged last: they keep the room of what is deleted until then. */
let hasDeleted = true;

const thread = serve(
  () => {
    const db = openForWriting(options);
    reserve.restore();
    return db;
  },
  (db, batch: readonly SentWrite[]) => {
    const replies = writeBatch(db, batch.map(fromSent));
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

/** Once more where there was no room: a deletion with room that is kept for it, others in what can be given back or given up. */
function writeAgain(db: Database, write: Write, cause: unknown): WriteReply {
  const failed: WriteReply = { failure: toFailure(fromSqlite(cause)) };
  if (!isFull(cause)) return failed;
  try {
    if (isDeletion(write)) return withSpareRoom(db, room, () => deleteInSteps(db, write)) ?? failed;
    if (hasDeleted) collectRoom(db, room);
    hasDeleted = false;
    return writeInRoomOfOthers(db, write) ?? failed;
  } catch (error) {
    return { failure: toFailure(fromSqlite(error)) };
  }
}

/** Where it does not fit otherwise, and does with the room of sets that others will replace, they are given up. */
function writeInRoomOfOthers(db: Database, write: Write): WriteReply | undefined {
  try {
    return commit(db, [write])[0];
  } catch (error) {
    const kept = write.kind === 'begin-vectors' ? write.set.id : madeSet(db)?.id;
    if (!isFull(error) || kept === undefined || !fitsWithout(db, write, kept)) throw error;
    withSpareRoom(db, room, () => deleteOtherSets(db, kept));
    return commit(db, [write])[0];
  }
}

function fitsWithout(db: Database, write: Write, kept: string): boolean {
  const bytes = bytesOfOthers(db, kept);
  const chars = charsOf(write);
  if (bytes === 0 || (chars > 0 && !hasRoom(options.path, chars, bytes))) return false;
  return fitsIntoMore(db, bytes, () => applyWrites(db, [write]));
}

function isFull(error: unknown): boolean {
  return fromSqlite(error).code === 'STORAGE_FULL';
}

/** What is written now counts for more than vectors which others will replace: search is lexical until these are made. */
function deleteOtherSets(db: Database, kept: string): void {
  giveUpOthers(db, kept);
  while (hasOldSets(db)) {
    commit(db, [{ kind: 'delete-old-vectors' }]);
    emptyLog(db);
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
    const replies = applyWrites(db, batch).map((value): WriteReply => ({ value }));
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
  const chars = batch.reduce((sum, write) => sum + charsOf(write), 0);
  if (chars > 0) requireRoom(options.path, chars);
}

/** A number of a vector takes far less room than a letter, which is written into several tables. */
function charsOf(write: Write): number {
  if ('document' in write) return write.document.text.length;
  return write.kind === 'vectors' ? write.vectors.reduce((sum, { vector }) => sum + vector.length, 0) : 0;
}
