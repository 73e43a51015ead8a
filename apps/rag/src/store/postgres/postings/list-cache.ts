import type { Segment } from '../searched.ts';

/** Shared with the threads that score it, to which it is not copied. */
export type CachedList = Uint8Array<SharedArrayBuffer>;

const NOTHING: CachedList = new Uint8Array(new SharedArrayBuffer(0));
/** Of an entry, beside its postings: its key, and its place in the map. */
const ENTRY_BYTES = 250;
/** Eight million postings. */
const MOST_BYTES = 64_000_000;

/** Lists of postings as they were read, of which those that were asked for last are kept. */
export class ListCache {
  readonly #lists = new Map<string, CachedList>();
  readonly #most: number;
  #bytes = 0;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  /** Without postings where the segment has none of the term; undefined where it is not known. */
  get({ mark }: Segment, term: string): CachedList | undefined {
    const key = mark + term;
    const list = this.#lists.get(key);
    if (list === undefined) return undefined;
    this.#lists.delete(key);
    this.#lists.set(key, list);
    return list;
  }

  /** `undefined`: the segment has no postings of the term. */
  add({ mark }: Segment, term: string, postings: Uint8Array | undefined): CachedList {
    const key = mark + term;
    const list = postings === undefined ? NOTHING : new Uint8Array(new SharedArrayBuffer(postings.length));
    if (postings !== undefined) list.set(postings);
    this.#delete(key);
    this.#lists.set(key, list);
    this.#bytes += sizeOf(key, list);
    for (const [oldest] of this.#lists) {
      if (this.#bytes <= this.#most) break;
      this.#delete(oldest);
    }
    return list;
  }

  #delete(key: string): void {
    const list = this.#lists.get(key);
    if (list === undefined) return;
    this.#lists.delete(key);
    this.#bytes -= sizeOf(key, list);
  }
}

function sizeOf(key: string, list: Uint8Array): number {
  return 2 * key.length + list.length + ENTRY_BYTES;
}
