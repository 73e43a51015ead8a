import { chunkAt, lengthAt, POSTING_BYTES, weightAt } from './postings.ts';

export interface ScoredTerm {
  readonly weight: number;
  readonly blocks: readonly Uint8Array[];
}

export interface ScoreOptions {
  /** What a term's weight in a chunk is held against, but for the chunk's length. */
  readonly constant: number;
  /** … and for each term that the chunk has. */
  readonly perTerm: number;
  readonly isWanted: ((chunk: number) => boolean) | undefined;
  readonly most: number;
}

export interface ScoredChunk {
  readonly id: number;
  readonly score: number;
}

const PAGE = 4096;
type Pages = Map<number, Float64Array<ArrayBuffer>>;

/** The sum of what each term gives each chunk that holds it, the best first: a chunk with a small number before others. */
export function scoreChunks(terms: readonly ScoredTerm[], options: ScoreOptions): ScoredChunk[] {
  const pages: Pages = new Map();
  for (const { weight, blocks } of terms) for (const block of blocks) addBlock(pages, block, weight, options);
  return bestOf(pages, options);
}

function addBlock(
  pages: Pages,
  block: Uint8Array,
  weight: number,
  { constant, perTerm }: Pick<ScoreOptions, 'constant' | 'perTerm'>,
): void {
  let [number, page] = [-1, new Float64Array()];
  for (let at = 0; at < block.length; at += POSTING_BYTES) {
    const chunk = chunkAt(block, at);
    const itsNumber = Math.floor(chunk / PAGE);
    if (itsNumber !== number) {
      number = itsNumber;
      page = pages.get(number) ?? new Float64Array(PAGE);
      pages.set(number, page);
    }
    const there = weightAt(block, at);
    const place = chunk % PAGE;
    page[place] =
      (page[place] as number) + (weight * there) / (there + constant + perTerm * lengthAt(block, at));
  }
}

/** As many more than are wanted are kept until they are sorted and the worst left out. */
const KEPT = 4;

function bestOf(pages: Pages, { isWanted, most }: Pick<ScoreOptions, 'isWanted' | 'most'>): ScoredChunk[] {
  let best: ScoredChunk[] = [];
  let least = 0;
  for (const [number, page] of pages) {
    for (let place = 0; place < PAGE; place++) {
      const score = page[place] as number;
      if (score === 0 || score < least) continue;
      const id = number * PAGE + place;
      if (isWanted !== undefined && !isWanted(id)) continue;
      best.push({ id, score });
      if (best.length < KEPT * most) continue;
      best = firstOf(best, most);
      least = best.at(-1)?.score ?? 0;
    }
  }
  return firstOf(best, most);
}

function firstOf(chunks: ScoredChunk[], most: number): ScoredChunk[] {
  return chunks.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, most);
}
