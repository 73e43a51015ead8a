import { BUSY_TIMEOUT_MS, type Database } from './database.ts';

/** 16 MiB of pages of 4 KiB. SQLite itself copies the log into the index every 1,000 pages. */
const MAX_LOG_PAGES = 4096;
/** Writers wait meanwhile, so no longer than a slow search takes. */
const WAIT_FOR_READERS_MS = 250;

/**
 * Keeps the write-ahead log bounded. SQLite begins it anew only at a moment without readers, which does not come while
 * the reads of several threads overlap; so the writer waits for those that began before, while later ones read the
 * index alone. When one of them takes longer, the next batch tries again.
 */
export function boundLog(db: Database): void {
  try {
    const pages = Number(db.get('PRAGMA wal_checkpoint(NOOP)')?.['log']);
    if (pages < MAX_LOG_PAGES) return;
    db.exec(`PRAGMA busy_timeout = ${WAIT_FOR_READERS_MS}`);
    db.get('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // What was written is committed all the same, and can be read from the log.
  } finally {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}
