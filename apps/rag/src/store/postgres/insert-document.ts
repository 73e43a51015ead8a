import type { NewDocument } from '../store.ts';
import { packDetails } from '../stored-document.ts';
import { TERMS_VERSION } from '../term-columns.ts';
import type { Place } from './collections.ts';
import type { Db } from './db.ts';
import type { CutDocument } from './postings/cut-terms.ts';
import { keptLength, weightsJson } from './postings/postings.ts';
import { HAS_WORDS } from './textsearch/tables.ts';
import { deleteWords, insertWords, type WrittenWords } from './textsearch/write-words.ts';

export interface Replacement {
  readonly document: NewDocument;
  readonly cut: CutDocument;
  readonly textHash: string | undefined;
  /** ISO 8601. */
  readonly at: string;
  readonly blocksVersion: number;
}

const COLUMNS = [
  'collection',
  'name',
  'title',
  'url',
  'content_type',
  'content_hash',
  'text_hash',
  'metadata',
  'bytes',
  'chunks',
  'terms',
  'tail',
  'updated_at',
  'blocks_version',
  'terms_version',
  'language',
  'inline',
  'pages',
  'details',
];
const PLACES = COLUMNS.map((_name, n) => `$${n + 1}`).join(', ');
const INSERT = `INSERT INTO documents (${COLUMNS.join(', ')}) VALUES (${PLACES}) RETURNING id`;
const UPDATE = `UPDATE documents SET (${COLUMNS.join(', ')}) = (${PLACES}) WHERE id = $${COLUMNS.length + 1} RETURNING id`;

/** Writes the row of a document: a new one, or in the place of the one that is there. */
export async function putRow(
  db: Db,
  { collection }: Place,
  replacement: Replacement,
  former: number | undefined,
): Promise<number> {
  const values = valuesOf(collection, replacement);
  const row = former === undefined ? db.get(INSERT, ...values) : db.get(UPDATE, ...values, former);
  return Number((await row)?.['id']);
}

function valuesOf(collection: number, { document, cut, textHash, at, blocksVersion }: Replacement) {
  const { text, chunks } = document;
  const details = packDetails(document.details);
  return [
    collection,
    document.id,
    document.title ?? null,
    document.url ?? null,
    document.contentType,
    document.contentHash,
    textHash ?? null,
    JSON.stringify(document.metadata),
    Buffer.byteLength(text),
    chunks.length,
    termsOf(cut),
    text.slice(chunks.at(-1)?.end ?? 0),
    at,
    blocksVersion,
    TERMS_VERSION,
    cut.language,
    document.inline,
    document.pages === undefined ? null : JSON.stringify(document.pages),
    details === null ? null : Buffer.from(details),
  ];
}

export function termsOf({ chunks }: CutDocument): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** The numbers of the new chunks, in their order. */
export async function insertChunks(
  db: Db,
  id: number,
  { document, cut }: Pick<Replacement, 'document' | 'cut'>,
): Promise<number[]> {
  const { chunks } = document;
  const leads = chunks.map(({ start }, n) => document.text.slice(chunks[n - 1]?.end ?? 0, start));
  const rows = await db.all(
    `INSERT INTO chunks (document, ordinal, start_at, end_at, lead, text, heading, context, blocks, text_hash)
      SELECT $1, c.ordinal, c.start_at, c.end_at, c.lead, c.text, c.heading, c.context, decode(c.blocks, 'hex'),
        decode(c.text_hash, 'hex')
      FROM unnest($2::int[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
        WITH ORDINALITY AS c (ordinal, start_at, end_at, lead, text, heading, context, blocks, text_hash, n) ORDER BY c.n
      RETURNING id`,
    id,
    chunks.map(({ ordinal }) => ordinal),
    chunks.map(({ start }) => start),
    chunks.map(({ end }) => end),
    leads,
    chunks.map(({ text }) => text),
    chunks.map(({ heading }) => JSON.stringify(heading)),
    chunks.map(({ context }) => context),
    chunks.map(({ blocks }) => (blocks === undefined ? null : Buffer.from(blocks).toString('hex'))),
    cut.chunks.map(({ textHash }) => textHash),
  );
  return rows.map((row) => Number(row['id'])).sort((a, b) => a - b);
}

/** Makes chunks findable by their terms. */
export async function insertTerms(db: Db, collection: number, written: WrittenWords): Promise<void> {
  const { ids, chunks } = written;
  const row = await db.get(
    `INSERT INTO recent_terms (collection, chunk, length, weights)
      SELECT $1, c.id, c.length, w.value FROM unnest($2::bigint[], $3::int2[]) WITH ORDINALITY AS c (id, length, n)
      JOIN jsonb_array_elements($4::jsonb) WITH ORDINALITY AS w (value, n) USING (n)
      RETURNING ${HAS_WORDS} AS has_words`,
    collection,
    ids,
    chunks.map(({ length }) => keptLength(length)),
    `[${chunks.map(({ terms, weights }) => weightsJson(terms, weights)).join(',')}]`,
  );
  if (row?.['has_words'] === true) await insertWords(db, collection, written);
}

/** Of chunks. What is not recent any more is in lists, which are cleared of it later. */
export async function removeTerms(db: Db, collection: number, chunks: readonly number[]): Promise<void> {
  const row = await db.get(
    `WITH recent AS (DELETE FROM recent_terms WHERE chunk = ANY($2::bigint[]) RETURNING chunk),
      removed AS (INSERT INTO removed_chunks (collection, chunk)
        SELECT $1, c.id FROM unnest($2::bigint[]) AS c (id) WHERE c.id NOT IN (SELECT chunk FROM recent)
        ON CONFLICT DO NOTHING)
      SELECT ${HAS_WORDS} AS has_words`,
    collection,
    chunks,
  );
  if (row?.['has_words'] === true) await deleteWords(db, collection, chunks);
}
