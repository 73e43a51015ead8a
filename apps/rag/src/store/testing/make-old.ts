import { DatabaseSync } from 'node:sqlite';

/** For tests: makes an index of format 1 of a newer one that is closed, as releases without blocks wrote it. */
export function makeOld(path: string): void {
  const db = new DatabaseSync(path);
  for (const { id } of db.prepare('SELECT id FROM collections').all()) putOldWords(db, Number(id));
  db.exec(`
    DROP TABLE vector_sets;
    DROP TABLE vector_blocks;
    DROP TABLE vectors;
    DROP TABLE pending_chunks;
    DROP TABLE quarantined_texts;
    DROP INDEX chunks_text;
    DROP INDEX chunks_unhashed;
    ALTER TABLE chunks DROP COLUMN text_hash;
    DROP TABLE aliases;
    DROP TABLE links;
    DROP INDEX documents_text;
    ALTER TABLE documents DROP COLUMN text_hash;
    DROP TABLE versions;
    DROP TABLE languages;
    DROP INDEX documents_blocks_version;
    DROP INDEX documents_terms_version;
    ALTER TABLE collections DROP COLUMN terms_version;
    ALTER TABLE documents DROP COLUMN terms_version;
    ALTER TABLE documents DROP COLUMN language;
    ALTER TABLE documents DROP COLUMN blocks_version;
    ALTER TABLE documents DROP COLUMN inline;
    ALTER TABLE documents DROP COLUMN pages;
    ALTER TABLE documents DROP COLUMN details;
    ALTER TABLE chunks DROP COLUMN blocks;
    PRAGMA user_version = 1;
  `);
  db.close();
}

function putOldWords(db: DatabaseSync, collection: number): void {
  db.exec(`
    DROP TABLE terms_v2_${collection};
    DROP TABLE IF EXISTS fts_${collection};
    CREATE VIRTUAL TABLE fts_${collection} USING fts5(title, heading, body, context, content='', contentless_delete=1,
      tokenize='porter unicode61 remove_diacritics 2');
    INSERT INTO fts_${collection} (rowid, title, heading, body, context)
      SELECT c.id, d.title, (SELECT group_concat(value, ' ') FROM json_each(c.heading)), c.text, c.context
      FROM chunks c JOIN documents d ON d.id = c.document WHERE d.collection = ${collection};
  `);
}
