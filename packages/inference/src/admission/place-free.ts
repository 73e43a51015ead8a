import type { Expectation } from './service-rates.ts';

export interface Running {
  readonly startedAtMs: number;
  readonly expected: Expectation;
}

export interface Line {
  readonly running: Iterable<Running>;
  /** What waits, in its order. */
  readonly waiting: readonly { readonly expected: Expectation }[];
  /** How many places become free before the one that is asked for. */
  readonly before: number;
  readonly nowMs: number;
}

/**
 * In how many milliseconds a place in the queue is free: each that ends lets the next one out of it. Those running are
 * given the time that few exceed; one that has taken longer may as well take that long again. What is not known yet
 * is expected to take what the others take.
 */
export function placeFreeMs({ running, waiting, before, nowMs }: Line): number {
  const ends = [...running].map(({ startedAtMs, expected }) => {
    const elapsedMs = nowMs - startedAtMs;
    return elapsedMs < expected.longMs ? expected.longMs - elapsedMs : elapsedMs;
  });
  const usualMs = meanOf([...waiting, ...running].map(({ expected }) => expected.totalMs));
  for (let ended = 0; ended < before; ended++) {
    const first = ends.indexOf(Math.min(...ends));
    ends[first] = (ends[first] ?? 0) + (waiting[ended]?.expected.totalMs ?? usualMs);
  }
  return Math.min(...ends);
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
