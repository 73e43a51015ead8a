import type { Database } from './database.ts';

/**
 * Each collection has a generation: random bytes, made anew in the transaction of every write that searches can tell. The
 * same bytes therefore mean the same content, also in a copy of the index, and after a collection was deleted and made
 * again. Triggers keep it, so that it holds for every way to write, that of an older release among them.
 */
export function keepGenerations(db: Database): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS generations (collection INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
    INSERT OR IGNORE INTO generations SELECT id, randomblob(16) FROM collections;
    ${WRITTEN.map(([write, row]) => triggerSql(write, row)).join('\n')}
    ${VECTORS}
    CREATE TRIGGER IF NOT EXISTS generations_end AFTER DELETE ON collections BEGIN
      DELETE FROM generations WHERE collection = OLD.id;
    END;
  `);
}

const WRITTEN = [
  ['INSERT ON documents', 'NEW.collection'],
  ['UPDATE ON documents', 'NEW.collection'],
  ['DELETE ON documents', 'OLD.collection'],
  ['INSERT ON aliases', 'NEW.collection'],
  ['UPDATE ON aliases', 'NEW.collection'],
  ['DELETE ON aliases', 'OLD.collection'],
  ['UPDATE OF terms_version ON collections', 'NEW.id'],
] as const;

/** A set is searched while it is made, too. */
const VECTORS = `
  CREATE TRIGGER IF NOT EXISTS generations_vectors AFTER INSERT ON vector_blocks BEGIN
    UPDATE generations SET value = randomblob(16) WHERE collection = NEW.collection;
  END;
  CREATE TRIGGER IF NOT EXISTS generations_set AFTER UPDATE OF is_searched ON vector_sets
  WHEN NEW.is_searched <> OLD.is_searched BEGIN
    UPDATE generations SET value = randomblob(16);
  END;`;

function triggerSql(write: string, collection: string): string {
  const name = `generations_${write.toLowerCase().replaceAll(' ', '_')}`;
  return `CREATE TRIGGER IF NOT EXISTS ${name} AFTER ${write} BEGIN
      INSERT INTO generations VALUES (${collection}, randomblob(16))
        ON CONFLICT (collection) DO UPDATE SET value = excluded.value;
    END;`;
}
