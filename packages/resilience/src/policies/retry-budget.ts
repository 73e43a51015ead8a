import { z } from 'zod';
import { timeMs } from '../options/parse.ts';
import type { Clock } from '../time/clock.ts';

export const retryBudgetOptions = z.strictObject({
  /** Retries per call made, over the last `windowMs`. */
  ratio: z.number().min(0).max(10).default(0.2),
  /** Retries a second that are always allowed. */
  minPerSecond: z.number().min(0).max(1e6).default(10),
  windowMs: timeMs.default(10_000),
});

/** Keeps retries from becoming the load that keeps a dependency down (the scheme of Finagle's RetryBudget). */
export interface RetryBudget {
  readonly remaining: number;
  deposit(): void;
  /** False when no retry is left. */
  withdraw(): boolean;
}

export const createRetryBudget = (
  { ratio, minPerSecond, windowMs }: z.output<typeof retryBudgetOptions>,
  clock: Clock,
): RetryBudget => {
  const slots = 10;
  const slotMs = windowMs / slots;
  const reserve = (minPerSecond * windowMs) / 1_000;
  const ring = Array.from({ length: slots }, () => ({ slot: -1, calls: 0, retries: 0 }));
  const current = () => {
    const slot = Math.floor(clock.nowMs() / slotMs);
    const at = ring[slot % slots] as (typeof ring)[number];
    if (at.slot !== slot) Object.assign(at, { slot, calls: 0, retries: 0 });
    return at;
  };
  const remaining = () => {
    const oldest = current().slot - slots;
    const live = ring.filter((one) => one.slot > oldest);
    return reserve + live.reduce((total, one) => total + one.calls * ratio - one.retries, 0);
  };
  return {
    get remaining() {
      return Math.max(0, Math.floor(remaining()));
    },
    deposit() {
      current().calls++;
    },
    withdraw() {
      if (remaining() < 1) return false;
      current().retries++;
      return true;
    },
  };
};
