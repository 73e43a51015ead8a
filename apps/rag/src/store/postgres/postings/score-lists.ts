import { type ChunkSet, toChunkSet } from './chunk-set.ts';
import { countPostings, filterPostings } from './postings.ts';
import { type ScoredChunk, scoreChunks } from './score.ts';

/** Of a term: blocks of postings, as they were read. */
export interface TermLists {
  /** May have chunks that were removed since. */
  readonly packed: readonly Uint8Array[];
  /** What is recent of a removed chunk is newer than that. */
  readonly recent: readonly Uint8Array[];
}

/** Numbers of chunks, 8 bytes each. */
export type PackedChunks = Uint8Array;

export interface AskedTerm extends TermLists {
  /** How often it is asked for. */
  readonly times: number;
}

export interface Scores {
  readonly asked: readonly AskedTerm[];
  readonly removed: PackedChunks | undefined;
  /** Undefined: all. */
  readonly wanted: PackedChunks | undefined;
  /** Of the collection: how many chunks there are, and how many terms all of them have. */
  readonly chunks: number;
  readonly terms: number;
  readonly most: number;
}

export interface Counts {
  readonly lists: readonly TermLists[];
  readonly removed: PackedChunks | undefined;
}

/** BM25 as FTS5 has it, with the least weight that it gives a term that most chunks hold. */
const K1 = 1.2;
const B = 0.75;
const LEAST_WEIGHT = 1e-6;

function weightOf(times: number, held: number, chunks: number): number {
  const rarity = Math.log((chunks - held + 0.5) / (held + 0.5));
  return times * (K1 + 1) * (rarity > 0 ? rarity : LEAST_WEIGHT);
}

export function scoreLists({ asked, removed, wanted, chunks, terms, most }: Scores): ScoredChunk[] {
  const gone = toChunkSet(removed);
  const among = wanted && toChunkSet(wanted);
  const scored = asked.map(({ times, ...lists }) => {
    const blocks = keptOf(lists, gone);
    return { weight: weightOf(times, countPostings(blocks), chunks), blocks };
  });
  return scoreChunks(scored, {
    constant: K1 * (1 - B),
    perTerm: (K1 * B * chunks) / Math.max(1, terms),
    isWanted: among && ((chunk) => among.has(chunk)),
    most,
  });
}

/** In how many chunks each term is. */
export function countLists({ lists, removed }: Counts): number[] {
  const gone = toChunkSet(removed);
  return lists.map((one) => countPostings(keptOf(one, gone)));
}

function keptOf({ packed, recent }: TermLists, gone: ChunkSet): readonly Uint8Array[] {
  if (gone.size === 0) return [...packed, ...recent];
  const kept = packed.map((block) => filterPostings(block, (chunk) => !gone.has(chunk)));
  return [...kept, ...recent];
}
