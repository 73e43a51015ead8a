import type { Clock } from '../time/clock.ts';

interface Batch {
  readonly batch: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/**
 * What one breaker has to tell the fleet: sums, not calls, so that an outage of any length takes no more memory.
 * A batch whose answer was lost is sent again under its number, and counted once.
 */
export interface Outbox {
  /** True when it was empty before. */
  count(failed: boolean, slow: boolean): boolean;
  /** What to send now; nothing while a batch is on its way. */
  take(): Batch | undefined;
  sent(batch: Batch, arrived: boolean): void;
  readonly waiting: boolean;
  /** Calls given up since last asked. */
  dropped(): number;
  forget(): void;
}

export const createOutbox = (clock: Clock): Outbox => {
  const counting = { calls: 0, failures: 0, slow: 0, sinceMs: 0 };
  let unanswered: (Batch & { readonly sinceMs: number }) | undefined;
  let underway = false;
  let number = 0;
  let given = 0;

  const clear = () => Object.assign(counting, { calls: 0, failures: 0, slow: 0 });
  const dropOld = () => {
    const oldestMs = clock.nowMs() - worthTellingMs;
    if (unanswered !== undefined && unanswered.sinceMs < oldestMs) {
      given += unanswered.calls;
      unanswered = undefined;
    }
    if (counting.calls > 0 && counting.sinceMs < oldestMs) {
      given += counting.calls;
      clear();
    }
  };

  return {
    count(failed, slow) {
      if (failed) counting.failures++;
      if (slow) counting.slow++;
      if (counting.calls++ > 0) return false;
      counting.sinceMs = clock.nowMs();
      return true;
    },
    take() {
      if (underway) return undefined;
      dropOld();
      if (unanswered === undefined && counting.calls > 0) {
        const { calls, failures, slow, sinceMs } = counting;
        unanswered = { batch: ++number, calls, failures, slow, sinceMs };
        clear();
      }
      if (unanswered === undefined) return undefined;
      underway = true;
      const { batch, calls, failures, slow } = unanswered;
      return { batch, calls, failures, slow };
    },
    sent({ batch }, arrived) {
      underway = false;
      if (arrived && unanswered?.batch === batch) unanswered = undefined;
    },
    get waiting() {
      return counting.calls > 0 || unanswered !== undefined;
    },
    dropped() {
      const n = given;
      given = 0;
      return n;
    },
    forget() {
      unanswered = undefined;
      clear();
    },
  };
};

/** Older outcomes say little of now; the replica's own circuit has acted on them. */
const worthTellingMs = 2_000;
