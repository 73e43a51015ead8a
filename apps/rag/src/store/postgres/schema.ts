/**
 * The tables, all in a schema of their own. Text is compared byte by byte (`COLLATE "C"`), as SQLite does.
 *
 * What is counted of a collection is counted in `SLOTS` rows, of which a write changes the one of its document's id, so
 * that many write at a time into one collection; readers add them up. A posting has all that its score needs, so that a
 * search reads the index `postings_pkey` alone. Vectors of a set are in a table of their own: `vectors_1`, `vectors_2`, …
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

/** Each brings a database from the format before it to its own, which is its place in the list. Never changed, only added to. */
export const MIGRATIONS: readonly string[] = [CREATE];

/** By a hash of the document's id. */
export const SLOTS = 16;
