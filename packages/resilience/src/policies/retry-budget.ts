import type { Clock } from '../time/clock.ts';

export interface RetryBudgetOptions {
  /** Retries per call made, over the last `windowMs`. */
  readonly ratio?: number;
  /** Retries a second that are always allowed. */
  readonly minPerSecond?: number;
  readonly windowMs?: number;
}

/** Keeps retries from becoming the load that keeps a dependency down (the scheme of Finagle's RetryBudget). */
export interface RetryBudget {
  readonly remaining: number;
  deposit(): void;
  /** False when no retry is left. */
  withdraw(): boolean;
}

export const createRetryBudget = (
  { ratio = 0.2, minPerSecond = 10, windowMs = 10_000 }: RetryBudgetOptions,
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
