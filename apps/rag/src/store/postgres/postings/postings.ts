/**
 * The postings of a term, packed: of each the number of the chunk (5 bytes), twice the weight of the term there (1), and how
 * many terms the chunk has (2). Numbers are big-endian. Twice, since parts of words count by halves; a weight or a length
 * beyond its bytes counts as the greatest that fits, which changes a score by less than a hundredth.
 */
export const POSTING_BYTES = 8;

const MOST_WEIGHT = 0xff;
/** What an `int2` of the server holds. */
const MOST_LENGTH = 0x7fff;

/** Of a row of `recent_terms` and an entry of its `weights`. */
export const POSTING_SQL = `substring(int8send(r.chunk) FROM 4) || decode(w.value, 'hex') || int2send(r.length)`;

/** What is before and behind the weight in all postings of a row of `recent_terms`, and a posting with these. */
export const POSTING_ENDS = 'substring(int8send(chunk) FROM 4) AS front, int2send(length) AS back';
export const PACKED_SQL = `r.front || decode(w.value, 'hex') || r.back`;

/** The weights of a chunk's terms, as JSON for a row of `recent_terms`. */
export function weightsJson(terms: readonly string[], weights: readonly number[]): string {
  const entries = terms.map((term, n) => {
    const doubled = Math.min(MOST_WEIGHT, Math.round(2 * (weights[n] ?? 0)));
    return `${JSON.stringify(term)}:"${doubled.toString(16).padStart(2, '0')}"`;
  });
  return `{${entries.join(',')}}`;
}

export function keptLength(length: number): number {
  return Math.min(MOST_LENGTH, length);
}

export function countPostings(blocks: readonly Uint8Array[]): number {
  return blocks.reduce((sum, { length }) => sum + length, 0) / POSTING_BYTES;
}

export function chunkAt(block: Uint8Array, at: number): number {
  return (block[at] as number) * 0x1_0000_0000 + (uint32At(block, at + 1) >>> 0);
}

export function weightAt(block: Uint8Array, at: number): number {
  return (block[at + 5] as number) / 2;
}

export function lengthAt(block: Uint8Array, at: number): number {
  return ((block[at + 6] as number) << 8) | (block[at + 7] as number);
}

function uint32At(block: Uint8Array, at: number): number {
  return (
    ((block[at] as number) << 24) |
    ((block[at + 1] as number) << 16) |
    ((block[at + 2] as number) << 8) |
    (block[at + 3] as number)
  );
}

/** Those of chunks that `isWanted`; the same block where that is all of them. */
export function filterPostings(block: Uint8Array, isWanted: (chunk: number) => boolean): Uint8Array {
  const kept = new Uint8Array(block.length);
  let length = 0;
  for (let at = 0; at < block.length; at += POSTING_BYTES) {
    if (!isWanted(chunkAt(block, at))) continue;
    kept.set(block.subarray(at, at + POSTING_BYTES), length);
    length += POSTING_BYTES;
  }
  return length === block.length ? block : kept.subarray(0, length);
}
