/**
 * From format 4 to 5: vectors. A chunk has the hash of the text by which it is embedded, NULL until `hashTexts` has seen
 * it. A row of `vectors` is what is compared exactly, once for each text; a row of `vector_blocks` is what is scanned: up
 * to `BLOCK_SIZE` chunks of one collection and set, each with its number, that of its row of `vectors`, and its bits.
 * A set that is neither made nor searched is being deleted. `pending_chunks` are those of the set that is made.
 */
export const KEEP_VECTORS = `
  BEGIN IMMEDIATE;
  ALTER TABLE chunks ADD COLUMN text_hash BLOB;
  CREATE INDEX chunks_text ON chunks (text_hash) WHERE text_hash IS NOT NULL;
  CREATE INDEX chunks_unhashed ON chunks (id) WHERE text_hash IS NULL;
  CREATE TABLE vector_sets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    is_made INTEGER NOT NULL,
    is_searched INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE vector_blocks (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL,
    vector_set INTEGER NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    size INTEGER NOT NULL,
    chunks BLOB NOT NULL,
    vectors BLOB NOT NULL,
    bits BLOB NOT NULL
  ) STRICT;
  CREATE INDEX vector_blocks_range ON vector_blocks (collection, vector_set, low, high, size);
  CREATE TABLE vectors (id INTEGER PRIMARY KEY, uses INTEGER NOT NULL, magnitudes BLOB NOT NULL) STRICT;
  CREATE TABLE pending_chunks (chunk INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE quarantined_texts (
    vector_set INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (vector_set, text_hash)
  ) STRICT, WITHOUT ROWID;
  UPDATE versions SET version = 1 WHERE part = 'vectors';
  PRAGMA user_version = 5;
  COMMIT;
`;

/**
 * From format 5 to 6: a vector knows whether its text was read in parts. Texts that were given up are tried again, most of
 * which were longer than the context.
 */
export const DIVIDE_TEXTS = `
  BEGIN IMMEDIATE;
  ALTER TABLE vectors ADD COLUMN is_divided INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX vectors_divided ON vectors (id) WHERE is_divided;
  INSERT OR IGNORE INTO pending_chunks SELECT c.id FROM quarantined_texts q
    JOIN vector_sets s ON s.id = q.vector_set AND s.is_made
    JOIN chunks c ON c.text_hash = q.text_hash;
  DELETE FROM quarantined_texts;
  PRAGMA user_version = 6;
  COMMIT;
`;
