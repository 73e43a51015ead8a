import { BUSY_TIMEOUT_MS, type Database } from './database.ts';
import { LOG_PAGES } from './schema.ts';

/** Copied into the index at a time. */
const STEP_PAGES = 1000;
/** Writers wait meanwhile, so no longer than a slow search takes. */
const WAIT_FOR_READERS_MS = 250;

/**
 * Keeps the write-ahead log bounded. SQLite begins it anew only at a moment without readers, which does not come while
 * the reads of several threads overlap: it then would copy, and wait for the disk, at every commit. So this is done in
 * steps, and at last the writer waits for the readers that began before, while later ones read the index alone. When one
 * of them takes longer, the next batch tries again.
 */
export function boundLog(db: Database): void {
  try {
    const state = db.get('PRAGMA wal_checkpoint(NOOP)');
    const pages = Number(state?.['log']);
    if (pages - Number(state?.['checkpointed']) >= STEP_PAGES) db.get('PRAGMA wal_checkpoint(PASSIVE)');
    if (pages < LOG_PAGES.usual) return;
    db.exec(`PRAGMA busy_timeout = ${WAIT_FOR_READERS_MS}`);
    db.get('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // What was written is committed all the same, and can be read from the log.
  } finally {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}
