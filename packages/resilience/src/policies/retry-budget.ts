import { z } from 'zod';
import { createWindow } from '../gate/window.ts';
import { timeMs } from '../options/parse.ts';
import { type Clock, systemClock } from '../time/clock.ts';

export const retryBudgetOptions = z.strictObject({
  /** Retries per call made, over the last `windowMs`. */
  ratio: z.number().min(0).max(10).default(0.2),
  /** Retries a second that are always allowed. */
  minPerSecond: z.number().min(0).max(1e6).default(10),
  windowMs: timeMs.default(10_000),
});

export type RetryBudget = ReturnType<typeof createRetryBudget>;

/** Keeps retries from becoming the load that keeps a dependency down (the scheme of Finagle's RetryBudget). */
export const createRetryBudget = (
  { ratio, minPerSecond, windowMs }: z.output<typeof retryBudgetOptions> = retryBudgetOptions.parse({}),
  clock: Clock = systemClock,
) => {
  const reserve = (minPerSecond * windowMs) / 1_000;
  // Holds calls and, as its failures, retries. What it judges is not asked.
  const rate = { failureRate: 1, minimumCalls: Infinity };
  const window = createWindow({ kind: 'sampling', windowMs, slotMs: windowMs / 10, ...rate });
  const remaining = () => {
    const { calls, failures: retries } = window.counts(clock.nowMs());
    return reserve + (calls - retries) * ratio - retries;
  };
  return {
    get remaining(): number {
      return Math.max(0, Math.floor(remaining()));
    },
    deposit(): void {
      window.record(false, false, clock.nowMs());
    },
    /** False when no retry is left. */
    withdraw(): boolean {
      if (remaining() < 1) return false;
      window.record(true, false, clock.nowMs());
      return true;
    },
  };
};
