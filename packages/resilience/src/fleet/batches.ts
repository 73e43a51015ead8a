import type { Clock } from '../time/clock.ts';

interface Batch {
  readonly batch: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

export type Batches = ReturnType<typeof createBatches>;

/**
 * What one breaker has to tell the fleet: sums, not calls, so that an outage of any length takes no more memory.
 * A batch whose answer was lost is sent again under its number, and counted once.
 * @param onDrop told how many calls were given up, because they had waited for too long.
 */
export const createBatches = (clock: Clock, onDrop: (calls: number) => void) => {
  const counting = { calls: 0, failures: 0, slow: 0, sinceMs: 0 };
  let unanswered: (Batch & { readonly sinceMs: number }) | undefined;
  let isUnderway = false;
  let number = 0;

  const clear = () => Object.assign(counting, { calls: 0, failures: 0, slow: 0 });
  const dropOld = () => {
    const oldestMs = clock.nowMs() - worthTellingMs;
    if (unanswered !== undefined && unanswered.sinceMs < oldestMs) {
      onDrop(unanswered.calls);
      unanswered = undefined;
    }
    if (counting.calls > 0 && counting.sinceMs < oldestMs) {
      onDrop(counting.calls);
      clear();
    }
  };

  return {
    /** True when it was empty before. */
    count(failed: boolean, slow: boolean): boolean {
      if (failed) counting.failures++;
      if (slow) counting.slow++;
      if (counting.calls++ > 0) return false;
      counting.sinceMs = clock.nowMs();
      return true;
    },
    /** What to send now; nothing while a batch is on its way. */
    take(): Batch | undefined {
      if (isUnderway) return undefined;
      dropOld();
      if (unanswered === undefined && counting.calls > 0) {
        unanswered = { batch: ++number, ...counting };
        clear();
      }
      if (unanswered === undefined) return undefined;
      isUnderway = true;
      const { sinceMs: _, ...batch } = unanswered;
      return batch;
    },
    sent({ batch }: Batch, arrived: boolean): void {
      isUnderway = false;
      if (arrived && unanswered?.batch === batch) unanswered = undefined;
    },
    get isWaiting(): boolean {
      return counting.calls > 0 || unanswered !== undefined;
    },
    forget(): void {
      unanswered = undefined;
      clear();
    },
  };
};

/** Older outcomes say little of now; the replica's own circuit has acted on them. */
const worthTellingMs = 2_000;
