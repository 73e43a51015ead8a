import { type Clock, systemClock } from '../time/clock.ts';
import { withTimeLimit } from '../time/time-limit.ts';

/** Rejects with 'Command timed out' when the promise takes longer than `timeoutMs`. */
export function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  return withTimeLimit(() => promise, { timeoutMs, clock: patientClock, reason: timedOut });
}

/**
 * A timer that fires late shows that this process stood still (a long parse, a busy machine), so that an answer that
 * has arrived could not be read. The clock then waits once more, a few times at most, and a healthy store is not
 * taken for lost. A moment is enough, because the answer is in the socket by then.
 */
const patientClock: Clock = {
  ...systemClock,
  after(ms, run) {
    let chances = CHANCES_AFTER_STALLS;
    let cancel = () => {};
    const arm = (waitMs: number) => {
      const dueMs = performance.now() + waitMs;
      cancel = systemClock.after(waitMs, () => {
        if (performance.now() - dueMs > STALLED_MS && chances-- > 0) arm(STALLED_MS);
        else run();
      });
    };
    arm(ms);
    return () => cancel();
  },
};

const timedOut = () => new Error('Command timed out');

/** Timers are this late only when the process stands still. */
const STALLED_MS = 10;
const CHANCES_AFTER_STALLS = 3;
