import { FetchError } from '@xnai/egress';

/** So many at a time; the others wait in line. */
export function createTurns(atOnce: number) {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  const turn: Disposable = {
    [Symbol.dispose]() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
  return {
    async take(signal: AbortSignal | undefined): Promise<Disposable> {
      if (signal?.aborted === true) throw new FetchError('cancelled');
      if (free > 0) {
        free -= 1;
        return turn;
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = () => {
        waiting.splice(waiting.indexOf(resolve), 1);
        reject(new FetchError('cancelled'));
      };
      waiting.push(resolve);
      signal?.addEventListener('abort', onAbort, { once: true });
      await promise.finally(() => signal?.removeEventListener('abort', onAbort));
      return turn;
    },
  };
}
