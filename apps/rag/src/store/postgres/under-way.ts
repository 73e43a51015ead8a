import { StoreError } from '../store-error.ts';

/** What has begun and is waited for at the end, after which nothing begins. */
export class UnderWay {
  readonly #calls = new Set<Promise<unknown>>();
  #isEnded = false;

  /** @throws {StoreError} STORE_CLOSED after the end */
  async add<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isEnded) throw new StoreError('STORE_CLOSED');
    const done = call();
    this.#calls.add(done);
    try {
      return await done;
    } finally {
      this.#calls.delete(done);
    }
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    await Promise.allSettled(this.#calls);
  }
}
