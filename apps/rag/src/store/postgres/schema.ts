import type { Db } from './db.ts';
import { packOldPostings } from './postings/pack-old-postings.ts';

/**
 * The tables, all in a schema of their own. Text is compared byte by byte (`COLLATE "C"`), as SQLite does.
 *
 * What is counted of a collection is counted in `SLOTS` rows, of which a write changes the one of its document's id, so
 * that many write at a time into one collection; readers add them up. The table `postings` has
 * given way to lists since (`PACK_POSTINGS`). Vectors of a set are in a table of their own: `vectors_1`, `vectors_2`, …
 */
const CREATE = `
  CREATE TABLE collections (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
  );
  CREATE TABLE counts (
    collection integer NOT NULL,
    slot smallint NOT NULL,
    documents bigint NOT NULL DEFAULT 0,
    chunks bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    terms bigint NOT NULL DEFAULT 0,
    updated_at text COLLATE "C" NOT NULL,
    generation uuid NOT NULL DEFAULT gen_random_uuid(),
    PRIMARY KEY (collection, slot)
  ) WITH (fillfactor = 50);
  CREATE TABLE languages (
    collection integer NOT NULL,
    slot smallint NOT NULL,
    language text NOT NULL,
    documents bigint NOT NULL,
    PRIMARY KEY (collection, slot, language)
  ) WITH (fillfactor = 50);
  CREATE TABLE documents (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    title text,
    url text COLLATE "C",
    content_type text NOT NULL,
    content_hash text NOT NULL,
    text_hash text,
    metadata text NOT NULL,
    bytes bigint NOT NULL,
    chunks integer NOT NULL,
    terms bigint NOT NULL,
    tail text NOT NULL,
    updated_at text COLLATE "C" NOT NULL,
    blocks_version integer NOT NULL,
    terms_version integer NOT NULL,
    language text NOT NULL,
    inline text NOT NULL,
    pages text,
    details bytea,
    UNIQUE (collection, name)
  );
  CREATE INDEX documents_text ON documents (collection, text_hash) WHERE text_hash IS NOT NULL;
  CREATE INDEX documents_blocks_version ON documents (blocks_version, id);
  CREATE INDEX documents_terms_version ON documents (terms_version);
  CREATE TABLE chunks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document bigint NOT NULL,
    ordinal integer NOT NULL,
    start_at integer NOT NULL,
    end_at integer NOT NULL,
    lead text NOT NULL,
    text text NOT NULL,
    heading text NOT NULL,
    context text NOT NULL,
    blocks bytea,
    text_hash bytea NOT NULL
  );
  CREATE INDEX chunks_document ON chunks (document, ordinal);
  CREATE INDEX chunks_text ON chunks (text_hash);
  CREATE TABLE metadata (
    collection integer NOT NULL,
    document bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    PRIMARY KEY (document, key)
  );
  CREATE INDEX metadata_value ON metadata (collection, key, left(value, 200), document);
  CREATE TABLE aliases (
    collection integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    document bigint NOT NULL,
    url text COLLATE "C" NOT NULL,
    title text,
    content_hash text NOT NULL,
    metadata text NOT NULL,
    updated_at text NOT NULL,
    PRIMARY KEY (collection, name)
  );
  CREATE INDEX aliases_document ON aliases (document);
  CREATE TABLE links (
    collection integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    urls bytea NOT NULL,
    PRIMARY KEY (collection, name)
  );
  CREATE TABLE postings (
    collection integer NOT NULL,
    term text COLLATE "C" NOT NULL,
    chunk bigint NOT NULL,
    weight real NOT NULL,
    length integer NOT NULL,
    PRIMARY KEY (collection, term, chunk) INCLUDE (weight, length)
  );
  CREATE INDEX postings_chunk ON postings (chunk);
  CREATE TABLE vector_sets (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    model text NOT NULL,
    dimensions integer NOT NULL,
    is_made boolean NOT NULL,
    is_searched boolean NOT NULL
  );
  CREATE TABLE pending_chunks (chunk bigint PRIMARY KEY, collection integer NOT NULL);
  CREATE INDEX pending_collection ON pending_chunks (collection);
  CREATE TABLE quarantined_texts (
    vector_set integer NOT NULL,
    text_hash bytea NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (vector_set, text_hash)
  );
`;

/**
 * Terms as lists of postings, each of which is a value of bytes (`postings.ts`). A chunk's terms are recent at first, in one
 * row; `pack.ts` turns the rows of many chunks into a segment, one list for each term, and small segments into larger ones.
 * Chunks whose postings are still in lists but which are deleted are in `removed_chunks`. Nothing is compressed: to read a
 * list would take twice as long, and a row of recent terms is found in its page.
 */
const PACK_POSTINGS = `
  CREATE TABLE recent_terms (
    chunk bigint PRIMARY KEY,
    collection integer NOT NULL,
    length smallint NOT NULL,
    weights jsonb NOT NULL
  ) WITH (toast_tuple_target = 8160);
  ALTER TABLE recent_terms ALTER COLUMN weights SET STORAGE EXTERNAL;
  CREATE INDEX recent_terms_collection ON recent_terms (collection, chunk);
  CREATE TABLE segments (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection integer NOT NULL,
    chunks integer NOT NULL
  );
  CREATE INDEX segments_collection ON segments (collection);
  CREATE TABLE term_lists (
    collection integer NOT NULL,
    term text COLLATE "C" NOT NULL,
    segment integer NOT NULL,
    postings bytea NOT NULL,
    PRIMARY KEY (collection, term, segment)
  );
  ALTER TABLE term_lists ALTER COLUMN postings SET STORAGE EXTERNAL;
  CREATE INDEX term_lists_segment ON term_lists (segment);
  CREATE TABLE removed_chunks (
    collection integer NOT NULL,
    chunk bigint NOT NULL,
    PRIMARY KEY (collection, chunk)
  );
`;

/** Who leads, and collections that nobody finds any more but whose rows are not deleted yet. */
const ADD_LEADS = `
  CREATE TABLE leads (duty text PRIMARY KEY, generation bigint NOT NULL);
  INSERT INTO leads VALUES ('embedding', 0), ('renewal', 0);
  CREATE TABLE deleted_collections (id integer PRIMARY KEY);
`;

/** What checks of the vectors of a set in a collection found. */
const KEEP_CHECKS = `
  CREATE TABLE set_checks (
    collection integer NOT NULL,
    vector_set integer NOT NULL,
    chunks bigint NOT NULL,
    checked_at text NOT NULL,
    found text NOT NULL,
    PRIMARY KEY (collection, vector_set)
  );
  INSERT INTO leads VALUES ('self-check', 0);
`;

/** The lists of a segment are kept by those who read them, for as long as its mark is the same. */
const MARK_SEGMENTS = `ALTER TABLE segments ADD COLUMN mark uuid NOT NULL DEFAULT gen_random_uuid()`;

/**
 * Collections that have a table for pg_textsearch (`textsearch/tables.ts`). Chunks of documents with a number up to
 * `made_until`, or from `made_before` on, have words in it.
 */
const ADD_WORDS = `
  CREATE TABLE word_tables (
    collection integer PRIMARY KEY,
    made_until bigint NOT NULL,
    made_before bigint NOT NULL
  );
`;

/** In the order in which words are made of them, and to count those that are left. */
const ORDER_DOCUMENTS = 'CREATE INDEX documents_collection ON documents (collection, id)';

/** Statements, or what is not to be said in some. */
export type Migration = string | ((db: Db) => Promise<void>);

/** Each brings a database from the format before it to its own, which is its place in the list. Never changed, only added to. */
export const MIGRATIONS: readonly Migration[] = [
  CREATE,
  PACK_POSTINGS,
  packOldPostings,
  ADD_LEADS,
  KEEP_CHECKS,
  MARK_SEGMENTS,
  ADD_WORDS,
  ORDER_DOCUMENTS,
];

/** By a hash of the document's id. */
export const SLOTS = 16;
