import type { Database, Row } from './database.ts';

/** A chunk's place in a set: `vector` is its row of `vectors`. */
export interface Entry {
  readonly chunk: number;
  readonly vector: number;
  readonly bits: Int32Array;
}

/** Columns of a row of `vector_blocks`, each number after the other. */
export interface Block {
  readonly chunks: Uint32Array;
  readonly vectors: Uint32Array;
  readonly bits: Int32Array;
}

/** Where entries are: the collection's number, and that of the set's row. */
export interface Shelf {
  readonly collection: number;
  readonly set: number;
}

/** A deleted document rewrites the blocks where its chunks are: about 28 KB at 384 dimensions. */
const BLOCK_SIZE = 512;
/** Batches of few vectors are gathered in a block of their own until it has this many, so that each writes little. */
const GATHERED = 64;

export function readBlocks(db: Database, { collection, set }: Shelf): Block[] {
  const sql = 'SELECT chunks, vectors, bits FROM vector_blocks WHERE collection = ? AND vector_set = ?';
  return db.all(sql, collection, set).map(toBlock);
}

/** The chunks of a set, block by block. */
export function chunksOf(db: Database, set: number): number[][] {
  const rows = db.all('SELECT chunks FROM vector_blocks WHERE vector_set = ?', set);
  return rows.map((row) => [...new Uint32Array(buffer(row, 'chunks'))]);
}

/** How many chunks of a set, in one collection or in all, have one of these rows of `vectors`. */
export function countUses(
  db: Database,
  { set, collection }: { readonly set: number; readonly collection: number | undefined },
  vectors: ReadonlySet<number>,
): number {
  const of =
    collection === undefined ? { sql: '', values: [] } : { sql: 'AND collection = ?', values: [collection] };
  const rows = db.all(`SELECT vectors FROM vector_blocks WHERE vector_set = ? ${of.sql}`, set, ...of.values);
  let count = 0;
  for (const row of rows)
    for (const vector of new Uint32Array(buffer(row, 'vectors'))) if (vectors.has(vector)) count += 1;
  return count;
}

/** Adds entries behind the last ones, in blocks of their own or together with those that are not full. */
export function addEntries(db: Database, shelf: Shelf, entries: readonly Entry[]): void {
  if (entries.length === 0) return;
  const sql = `SELECT * FROM vector_blocks WHERE collection = ? AND vector_set = ? AND size < ${BLOCK_SIZE}
    ORDER BY id DESC LIMIT 2`;
  const all = [...entries];
  for (const row of db.all(sql, shelf.collection, shelf.set)) {
    if (Number(row['size']) >= GATHERED && all.length < GATHERED) break;
    all.unshift(...entriesOf(toBlock(row)));
    db.run('DELETE FROM vector_blocks WHERE id = ?', Number(row['id']));
  }
  for (let from = 0; from < all.length; from += BLOCK_SIZE) {
    insertBlock(db, shelf, all.slice(from, from + BLOCK_SIZE));
  }
}

/** The entries of these chunks, by set; those of other chunks are left out. */
export function findEntries(
  db: Database,
  collection: number,
  chunks: ReadonlySet<number>,
): Map<number, Entry[]> {
  const found = new Map<number, Entry[]>();
  for (const row of blocksWith(db, collection, chunks)) {
    addTo(
      found,
      Number(row['vector_set']),
      entriesOf(toBlock(row)).filter(({ chunk }) => chunks.has(chunk)),
    );
  }
  return found;
}

/** Takes the entries of these chunks out of all sets, and returns them by set. */
export function takeEntries(
  db: Database,
  collection: number,
  chunks: ReadonlySet<number>,
): Map<number, Entry[]> {
  const taken = new Map<number, Entry[]>();
  for (const row of blocksWith(db, collection, chunks)) {
    const set = Number(row['vector_set']);
    const { true: gone = [], false: left = [] } = Object.groupBy(
      entriesOf(toBlock(row)),
      ({ chunk }) => `${chunks.has(chunk)}` as const,
    );
    if (gone.length === 0) continue;
    addTo(taken, set, gone);
    db.run('DELETE FROM vector_blocks WHERE id = ?', Number(row['id']));
    if (left.length > 0) insertBlock(db, { collection, set }, left, Number(row['id']));
  }
  return taken;
}

function addTo(found: Map<number, Entry[]>, set: number, entries: readonly Entry[]): void {
  const known = found.get(set) ?? [];
  known.push(...entries);
  found.set(set, known);
}

/** Deletes the blocks of a collection, and gives the rows of `vectors` that each of them used. */
export function* takeCollection(db: Database, collection: number): Generator<{ readonly vector: number }[]> {
  const sql = 'SELECT id, vectors FROM vector_blocks WHERE collection = ? LIMIT 1';
  for (let row = db.get(sql, collection); row !== undefined; row = db.get(sql, collection)) {
    yield takeBlock(db, row);
  }
}

/** Deletes a block, and returns the rows of `vectors` that it used. */
export function takeBlock(db: Database, row: Row): { readonly vector: number }[] {
  db.run('DELETE FROM vector_blocks WHERE id = ?', Number(row['id']));
  return [...new Uint32Array(buffer(row, 'vectors'))].map((vector) => ({ vector }));
}

/** The blocks of a set were filled in the order of its chunks for the most part, so that each range is of few chunks. */
function* blocksWith(db: Database, collection: number, chunks: ReadonlySet<number>): Generator<Row> {
  const sorted = Uint32Array.from(chunks).sort();
  const [low = 0, high = 0] = [sorted[0], sorted.at(-1)];
  const sql = 'SELECT id, low, high FROM vector_blocks WHERE collection = ? AND low <= ? AND high >= ?';
  for (const block of db.all(sql, collection, high, low)) {
    const least = sorted[firstNotBelow(sorted, Number(block['low']))];
    if (least === undefined || least > Number(block['high'])) continue;
    const row = db.get('SELECT * FROM vector_blocks WHERE id = ?', Number(block['id']));
    if (row !== undefined) yield row;
  }
}

/** Index of the first number that is not below `least`. */
function firstNotBelow(sorted: Uint32Array, least: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as number) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}

function insertBlock(
  db: Database,
  { collection, set }: Shelf,
  entries: readonly Entry[],
  id: number | null = null,
): void {
  const words = entries[0]?.bits.length ?? 0;
  const chunks = Uint32Array.from(entries, ({ chunk }) => chunk);
  const vectors = Uint32Array.from(entries, ({ vector }) => vector);
  const bits = new Int32Array(entries.length * words);
  for (const [n, entry] of entries.entries()) bits.set(entry.bits, n * words);
  const sql = 'INSERT INTO vector_blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
  const range = [Math.min(...chunks), Math.max(...chunks), chunks.length] as const;
  db.run(sql, id, collection, set, ...range, bytesOf(chunks), bytesOf(vectors), bytesOf(bits));
}

function entriesOf({ chunks, vectors, bits }: Block): Entry[] {
  const words = bits.length / chunks.length;
  return [...chunks].map((chunk, n) => ({
    chunk,
    vector: vectors[n] ?? 0,
    bits: bits.subarray(n * words, (n + 1) * words),
  }));
}

function toBlock(row: Row): Block {
  return {
    chunks: new Uint32Array(buffer(row, 'chunks')),
    vectors: new Uint32Array(buffer(row, 'vectors')),
    bits: new Int32Array(buffer(row, 'bits')),
  };
}

/** Numbers are kept as all processors have them that Node's builds are for: the lowest byte first. */
function buffer(row: Row, column: string): ArrayBuffer {
  const bytes = row[column] as Uint8Array<ArrayBuffer>;
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return isWhole ? bytes.buffer : bytes.slice().buffer;
}

function bytesOf({
  buffer: from,
  byteOffset,
  byteLength,
}: Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>) {
  return new Uint8Array(from, byteOffset, byteLength);
}
