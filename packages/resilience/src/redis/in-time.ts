/**
 * Rejects what takes longer than `ms`. A process that stood still meanwhile (a long parse, a busy machine) has not given
 * the answer a chance to be read: then it looks again, a few times at most, and a store that is well is not taken for
 * lost. The answer lies there by then, so that a moment is enough: a caller may be waiting.
 */
export const inTime = <T>(promise: Promise<T>, ms: number): Promise<T> => {
  const late = Promise.withResolvers<never>();
  let chances = chancesAfterStalls;
  let timer: NodeJS.Timeout;
  const arm = (waitMs: number) => {
    const dueMs = performance.now() + waitMs;
    timer = setTimeout(() => {
      if (performance.now() - dueMs > stalledMs && chances-- > 0) arm(stalledMs);
      else late.reject(new Error('Command timed out'));
    }, waitMs);
  };
  arm(ms);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
};

/** Timers are this late only when the process stands still. */
const stalledMs = 10;
const chancesAfterStalls = 3;
