import type { Expectation } from './service-rates.ts';

export interface Running {
  readonly startedAtMs: number;
  readonly expected: Expectation;
}

export interface QueueSnapshot {
  readonly running: Iterable<Running>;
  /** Waiting requests, in their order. */
  readonly waiting: readonly { readonly expected: Expectation }[];
  /** Number of places that become free before the one that is asked for. */
  readonly before: number;
  readonly nowMs: number;
}

/**
 * Milliseconds until a place in the queue is free: each request that ends lets the next one out of it. A running request
 * is expected to take the time that few exceed; one that has already taken longer is expected to take that long again.
 * Requests that are not known yet are expected to take as long as the others on average.
 */
export function placeFreeMs({ running, waiting, before, nowMs }: QueueSnapshot): number {
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
