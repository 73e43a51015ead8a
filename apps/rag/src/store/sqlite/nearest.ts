import type { QueryVector } from '../vectors.ts';
import type { Database } from './database.ts';
import { cosine, signsOf } from './quantise.ts';
import { type Block, readBlocks } from './vector-blocks.ts';
import { searchedSet } from './vector-sets.ts';

export interface NearestOptions {
  readonly collection: number;
  readonly vector: QueryVector;
  /** The only chunks that are wanted; undefined: all. */
  readonly allowed: ReadonlySet<number> | undefined;
  readonly limit: number;
}

export interface Near {
  readonly id: number;
  /** Cosine. */
  readonly score: number;
}

/** As many are compared exactly for each that is wanted. */
const CANDIDATES = 8;
const LEAST_CANDIDATES = 400;

/** The chunks whose vectors are nearest, best first; undefined where the vector is not one of the set that is searched. */
export function findNearest(
  db: Database,
  { collection, vector, allowed, limit }: NearestOptions,
): readonly Near[] | undefined {
  const set = searchedSet(db, vector);
  if (set === undefined) return undefined;
  const blocks = readBlocks(db, { collection, set: set.row });
  const most = Math.max(LEAST_CANDIDATES, limit * CANDIDATES);
  const candidates = scan(blocks, { signs: signsOf(vector.values), allowed, most });
  const magnitudes = readMagnitudes(db, candidates);
  return candidates
    .flatMap(({ block, at }) => {
      const found = magnitudes.get(block.vectors[at] ?? 0);
      if (found === undefined) return [];
      const quantised = { bits: block.bits, magnitudes: found };
      const words = block.bits.length / block.chunks.length;
      return [{ id: block.chunks[at] ?? 0, score: cosine(vector.values, quantised, at * words) }];
    })
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, limit);
}

interface Candidate {
  readonly block: Block;
  readonly at: number;
}

interface ScanOptions extends Pick<NearestOptions, 'allowed'> {
  readonly signs: Int32Array;
  readonly most: number;
}

/** The entries with the fewest signs that differ: at most `most`, those at the same distance in the order of the blocks. */
function scan(blocks: readonly Block[], { signs, allowed, most }: ScanOptions): Candidate[] {
  const counts = new Uint32Array(signs.length * 32 + 1);
  const distances = blocks.map((block) => measure(block, signs, allowed));
  for (const all of distances) {
    for (const distance of all) if (distance !== LEFT_OUT) counts[distance] = (counts[distance] ?? 0) + 1;
  }
  let [limit, left] = [0, most];
  for (; limit < counts.length && left >= (counts[limit] ?? 0); limit++) left -= counts[limit] ?? 0;
  return distances.flatMap((all, n) => {
    const found: Candidate[] = [];
    for (const [at, distance] of all.entries()) {
      const isNear = distance < limit || (distance === limit && left-- > 0);
      const block = blocks[n];
      if (isNear && block !== undefined) found.push({ block, at });
    }
    return found;
  });
}

const LEFT_OUT = 0xffff;

/** How many signs of each entry differ from the question's. */
function measure(
  { chunks, bits }: Block,
  signs: Int32Array,
  allowed: ReadonlySet<number> | undefined,
): Uint16Array {
  const distances = new Uint16Array(chunks.length);
  const words = signs.length;
  for (let n = 0, at = 0; n < chunks.length; n++) {
    let distance = 0;
    for (let w = 0; w < words; w++) distance += ones((bits[at++] as number) ^ (signs[w] as number));
    distances[n] = allowed === undefined || allowed.has(chunks[n] as number) ? distance : LEFT_OUT;
  }
  return distances;
}

function ones(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  n = (n + (n >>> 4)) & 0x0f0f0f0f;
  return Math.imul(n, 0x01010101) >>> 24;
}

function readMagnitudes(db: Database, candidates: readonly Candidate[]): Map<number, Uint8Array> {
  const ids = candidates.map(({ block, at }) => block.vectors[at]);
  const sql = 'SELECT id, magnitudes FROM vectors WHERE id IN (SELECT value FROM json_each(?))';
  const rows = db.all(sql, JSON.stringify(ids));
  return new Map(rows.map((row) => [Number(row['id']), row['magnitudes'] as Uint8Array]));
}
