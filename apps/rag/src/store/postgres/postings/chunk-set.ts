const NUMBER_BYTES = 8;
const PAGE = 4096;

/** Selects numbers of chunks as one value for `toChunkSet`: a row for each would take longer to be sent than to be found. */
export function chunkSetSql(chunk: string): string {
  return `string_agg(int8send(${chunk}), ''::bytea)`;
}

/** Many numbers of chunks, which are dense. */
export class ChunkSet {
  readonly #pages = new Map<number, Uint8Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(chunk: number): void {
    const number = Math.floor(chunk / PAGE);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Uint8Array(PAGE);
      this.#pages.set(number, page);
    }
    this.#size += 1 - (page[chunk % PAGE] as number);
    page[chunk % PAGE] = 1;
  }

  has(chunk: number): boolean {
    return this.#pages.get(Math.floor(chunk / PAGE))?.[chunk % PAGE] === 1;
  }
}

export function chunkSetOf(numbers: Iterable<number>): ChunkSet {
  const chunks = new ChunkSet();
  for (const number of numbers) chunks.add(number);
  return chunks;
}

export function toChunkSet(packed: unknown): ChunkSet {
  const chunks = new ChunkSet();
  for (const chunk of toNumbers(packed)) chunks.add(chunk);
  return chunks;
}

/** Of numbers of 8 bytes each. */
export function toNumbers(packed: unknown): Float64Array {
  if (!(packed instanceof Uint8Array)) return new Float64Array();
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const numbers = new Float64Array(packed.length / NUMBER_BYTES);
  // In halves, which are many times as fast as a number of 64 bits.
  for (let n = 0, at = 0; n < numbers.length; n += 1, at += NUMBER_BYTES)
    numbers[n] = view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
  return numbers;
}
