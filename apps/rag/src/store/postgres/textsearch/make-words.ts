import type { StoredDocument } from '../../store.ts';
import type { StoreCallOptions } from '../../store-call.ts';
import { renewGenerations } from '../collections.ts';
import type { Connections } from '../connections.ts';
import type { Db } from '../db.ts';
import { requireLead } from '../lead.ts';
import { lockCollection, lockDocuments } from '../locks.ts';
import type { CutDocument } from '../postings/cut-terms.ts';
import { readDocument } from '../read.ts';
import { createWords, dropWords, readTextsearch } from './tables.ts';
import { insertWords } from './write-words.ts';

interface Of {
  readonly collection: number;
  readonly name: string;
}

type Step =
  /** The extension was dropped, and took the index along. */
  | { readonly kind: 'drop'; readonly collection: number }
  /** The extension came after the collection. From now on what is written has its words. */
  | ({ readonly kind: 'begin' } & Of)
  | ({ readonly kind: 'fill'; readonly document: Unmade } & Of)
  | ({ readonly kind: 'end' } & Of);

interface Unmade {
  readonly place: number;
  readonly stored: StoredDocument;
  /** Of its chunks, in their order. */
  readonly ids: readonly number[];
}

export interface MakeWords {
  readonly connections: Pick<Connections, 'read' | 'write'>;
  readonly cut: (document: StoredDocument, options?: StoreCallOptions) => Promise<CutDocument>;
}

/**
 * Brings the tables of words one step nearer to what the database has of pg_textsearch: a document at a time, in the order
 * of their numbers. False when nothing is left to do. A collection is searched by postings until all its chunks have words.
 */
export async function makeNextWords(
  { connections, cut }: MakeWords,
  options?: StoreCallOptions,
): Promise<boolean> {
  const step = await connections.read(findStep, options);
  if (step === undefined) return false;
  const terms = step.kind === 'fill' ? await cut(step.document.stored, options) : undefined;
  await connections.write(async (db) => {
    await requireLead(db, options?.lead);
    if (step.kind === 'drop') await dropWords(db, step.collection);
    else if (step.kind === 'begin') await begin(db, step);
    else if (step.kind === 'end') await end(db, step);
    else await fill(db, step, step.document, terms?.chunks ?? []);
  }, options);
  return true;
}

const BROKEN = `SELECT collection FROM word_tables
  WHERE to_regclass(format('xnai.words_%s_bm25', collection)) IS NULL LIMIT 1`;
const UNMADE = `SELECT c.id AS collection, c.name, w.made_until, w.made_before FROM word_tables w
  JOIN collections c ON c.id = w.collection WHERE w.made_until < w.made_before ORDER BY c.id LIMIT 1`;
const WITHOUT = `SELECT c.id AS collection, c.name FROM collections c
  WHERE NOT EXISTS (SELECT 1 FROM word_tables w WHERE w.collection = c.id) ORDER BY c.id LIMIT 1`;
const NEXT = 'SELECT * FROM documents WHERE collection = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT 1';

async function findStep(db: Db): Promise<Step | undefined> {
  const broken = await db.get(BROKEN);
  if (broken !== undefined) return { kind: 'drop', collection: Number(broken['collection']) };
  if ((await readTextsearch(db)).kind !== 'usable') return undefined;
  const begun = await db.get(UNMADE);
  const row = begun ?? (await db.get(WITHOUT));
  if (row === undefined) return undefined;
  const of = { collection: Number(row['collection']), name: String(row['name']) };
  if (begun === undefined) return { kind: 'begin', ...of };
  const next = await db.get(NEXT, of.collection, begun['made_until'], begun['made_before']);
  if (next === undefined) return { kind: 'end', ...of };
  const stored = await readDocument(db, next, of.name);
  const chunks = await db.all('SELECT id FROM chunks WHERE document = $1 ORDER BY ordinal', next['id']);
  const ids = chunks.map(({ id }) => Number(id));
  return { kind: 'fill', document: { place: Number(next['id']), stored, ids }, ...of };
}

/** Waits for those who write, who then write words too. */
async function begin(db: Db, { collection, name }: Of): Promise<void> {
  await lockCollection(db, name);
  const isThere = await db.get('SELECT 1 FROM collections WHERE id = $1', collection);
  const hasWords = await db.get('SELECT 1 FROM word_tables WHERE collection = $1', collection);
  if (isThere === undefined || hasWords !== undefined) return;
  const last = await db.get('SELECT max(id) + 1 AS id FROM documents WHERE collection = $1', collection);
  await createWords(db, collection, Number(last?.['id'] ?? 0));
}

const ADVANCE = 'UPDATE word_tables SET made_until = $2 WHERE collection = $1 AND made_until < $2';

/** Chunks that were replaced meanwhile have their words, and those that were deleted need none. */
async function fill(
  db: Db,
  { collection, name }: Of,
  { place, stored, ids }: Unmade,
  chunks: CutDocument['chunks'],
): Promise<void> {
  await lockDocuments(db, { collection: name, keys: [stored.id] });
  if ((await db.run(ADVANCE, collection, place)) > 0)
    await insertWords(db, collection, { document: place, ids, chunks });
}

async function end(db: Db, { collection }: Of): Promise<void> {
  await db.run('UPDATE word_tables SET made_until = made_before WHERE collection = $1', collection);
  await renewGenerations(db, [collection]);
}
