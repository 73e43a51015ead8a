import { DatabaseSync } from 'node:sqlite';

/** For tests: makes an index of format 1 of a newer one that is closed, as releases without blocks wrote it. */
export function makeOld(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(`
    DROP TABLE aliases;
    DROP TABLE links;
    DROP INDEX documents_text;
    ALTER TABLE documents DROP COLUMN text_hash;
    DROP TABLE versions;
    DROP INDEX documents_blocks_version;
    ALTER TABLE documents DROP COLUMN blocks_version;
    ALTER TABLE documents DROP COLUMN inline;
    ALTER TABLE documents DROP COLUMN pages;
    ALTER TABLE documents DROP COLUMN details;
    ALTER TABLE chunks DROP COLUMN blocks;
    PRAGMA user_version = 1;
  `);
  db.close();
}
