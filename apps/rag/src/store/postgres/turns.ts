import { StoreError } from '../store-error.ts';

/** Lets some go on at a time; the others wait in the order they came. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @throws {StoreError} OVERLOADED after `mostMs`
   * @throws the reason of the signal when it aborts before its turn
   */
  async take(signal?: AbortSignal, mostMs = Infinity): Promise<Disposable> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal, mostMs);
    return { [Symbol.dispose]: () => this.#pass() };
  }

  #wait(signal: AbortSignal | undefined, mostMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const leave = (reason: unknown) => {
      const at = this.#waiting.indexOf(resolve);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(reason);
    };
    const onAbort = () => leave(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      mostMs === Infinity
        ? undefined
        : setTimeout(() => leave(new StoreError('OVERLOADED', { retryAfterMs: mostMs })), mostMs);
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
