/** A stream of bytes that can be looked at before it is read. */
export class ByteSource implements AsyncIterable<Buffer> {
  readonly #chunks: AsyncIterator<Buffer>;
  #ahead: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** All bytes that were read ahead: at least `bytes`, or fewer at the end of the stream. They stay in it. */
  async peek(bytes: number): Promise<Buffer> {
    while (this.#ahead.length < bytes) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      this.#ahead = Buffer.concat([this.#ahead, next.value]);
    }
    return this.#ahead;
  }

  async skip(bytes: number): Promise<void> {
    this.#ahead = (await this.peek(bytes)).subarray(bytes);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (let bytes = await this.peek(1); bytes.length > 0; bytes = await this.peek(1)) {
        this.#ahead = Buffer.alloc(0);
        yield bytes;
      }
    } finally {
      await this.#chunks.return?.();
    }
  }
}
