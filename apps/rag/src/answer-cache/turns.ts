import { withTimeLimit } from '@xnai/resilience';

/** Either what another caller has made meanwhile, or the right to make it, whose holder must call `end`. */
export type Turn<Value> = { readonly made: Value } | { readonly made?: undefined; readonly end: End<Value> };

/** `until`: from then on it is found elsewhere, and callers need not be given it here. */
export type End<Value> = (ended: Ended<Value>, until?: Promise<unknown>) => void;

/** `nothing`: there is nothing to share. `left`: the caller has gone, and another may take the turn. */
export type Ended<Value> = { readonly value: Value } | 'nothing' | 'left';

export interface Turns<Value> {
  /** Waits while another caller has the turn of this key. */
  take(key: string, signal?: AbortSignal): Promise<Turn<Value>>;
}

/** A turn that nobody waits for. */
export const ALONE = { end: () => {} } as const;

/** Of callers with one key at one time, one makes the value and the others are given it. */
export function createTurns<Value>(): Turns<Value> {
  const taken = new Map<string, Promise<Ended<Value>>>();
  const begin = (key: string): Turn<Value> => {
    const { promise, resolve } = Promise.withResolvers<Ended<Value>>();
    taken.set(key, promise);
    const forget = () => void taken.delete(key);
    return {
      end: (ended, until) => {
        if (until === undefined) forget();
        else void until.finally(forget);
        resolve(ended);
      },
    };
  };
  return {
    async take(key, signal) {
      for (;;) {
        const other = taken.get(key);
        if (other === undefined) return begin(key);
        const ended = await withTimeLimit(() => other, { signal });
        if (typeof ended === 'object') return { made: ended.value };
        // Those who wait do not wait for one another's failures in a row.
        if (ended === 'nothing') return ALONE;
      }
    },
  };
}
