import type { QueryVector } from '../vectors.ts';
import type { Database } from './database.ts';
import { cosine, signsOf, unitOf } from './quantise.ts';
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
  const unit = unitOf(vector.values);
  return candidates
    .flatMap(({ block, at }) => {
      const found = magnitudes.get(block.vectors[at] ?? 0);
      if (found === undefined) return [];
      const quantised = { bits: block.bits, magnitudes: found };
      const words = block.bits.length / block.chunks.length;
      return [{ id: block.chunks[at] ?? 0, score: cosine(unit, quantised, at * words) }];
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
  return blocks.flatMap((block, n) => {
    const all = distances[n] ?? new Uint16Array();
    const found: Candidate[] = [];
    for (let at = 0; at < all.length; at++) {
      const distance = all[at] as number;
      if (distance < limit || (distance === limit && left-- > 0)) found.push({ block, at });
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
  for (let n = 0; n < chunks.length; n++) {
    const isAllowed = allowed === undefined || allowed.has(chunks[n] as number);
    distances[n] = isAllowed ? distanceAt(bits, n * words, signs) : LEFT_OUT;
  }
  return distances;
}

/**
 * How many bits differ. Two words at a time are added to `ones` bit by bit, so that only the carries are counted for each
 * pair: a third less work than to count every word. Source: Warren, "Hacker's Delight", section 5-1 (carry-save adder).
 */
function distanceAt(bits: Int32Array, from: number, signs: Int32Array): number {
  let carries = 0;
  let ones = 0;
  for (let w = 0; w < signs.length; w += 2) {
    const first = (bits[from + w] as number) ^ (signs[w] as number);
    const second = (bits[from + w + 1] as number) ^ (signs[w + 1] as number);
    const odd = ones ^ first;
    carries += countOnes((ones & first) | (odd & second));
    ones = odd ^ second;
  }
  return 2 * carries + countOnes(ones);
}

function countOnes(word: number): number {
  const twos = word - ((word >>> 1) & 0x55555555);
  const fours = (twos & 0x33333333) + ((twos >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function readMagnitudes(db: Database, candidates: readonly Candidate[]): Map<number, Uint8Array> {
  const ids = candidates.map(({ block, at }) => block.vectors[at]);
  const sql = 'SELECT id, magnitudes FROM vectors WHERE id IN (SELECT value FROM json_each(?))';
  const rows = db.all(sql, JSON.stringify(ids));
  return new Map(rows.map((row) => [Number(row['id']), row['magnitudes'] as Uint8Array]));
}
