import { SELECT_CHECKS, toCheck } from '../stored-check.ts';
import type { SetCheck } from '../vectors.ts';
import type { Database } from './database.ts';

/**
 * What checks found, one row for each collection and set. Triggers delete it with either, so that this holds for an older
 * release, too: no other format is needed.
 */
export function keepChecks(db: Database): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS set_checks (
      collection INTEGER NOT NULL,
      vector_set INTEGER NOT NULL,
      chunks INTEGER NOT NULL,
      checked_at TEXT NOT NULL,
      found TEXT NOT NULL,
      PRIMARY KEY (collection, vector_set)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER IF NOT EXISTS set_checks_collection AFTER DELETE ON collections BEGIN
      DELETE FROM set_checks WHERE collection = OLD.id;
    END;
    CREATE TRIGGER IF NOT EXISTS set_checks_set AFTER DELETE ON vector_sets BEGIN
      DELETE FROM set_checks WHERE vector_set = OLD.id;
    END;
  `);
}

export function keepCheck(db: Database, { collection, set, chunks, checkedAt, found }: SetCheck): void {
  db.run(
    `INSERT OR REPLACE INTO set_checks SELECT c.id, s.id, ?, ?, ? FROM collections c, vector_sets s
      WHERE c.name = ? AND s.name = ? AND (s.is_made OR s.is_searched)`,
    chunks,
    checkedAt,
    found,
    collection,
    set,
  );
}

export function setChecks(db: Database): SetCheck[] {
  return db.all(SELECT_CHECKS).map(toCheck);
}
