/** Time as the package reads it: monotonic, so that setting the wall clock back does not hold a circuit open. */
export interface Clock {
  nowMs(): number;
  /** Calls back once, and never when `ms` is above {@link LONGEST_TIMER_MS}. Returns a function that cancels. */
  after(ms: number, run: () => void): () => void;
  /** The same for periodic work in the background: the timer does not keep the process alive. */
  inBackground(ms: number, run: () => void): () => void;
}

/** A timer of Node that is set for longer fires after one millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(ms, run) {
    if (ms > LONGEST_TIMER_MS) return () => undefined;
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  inBackground(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS)).unref();
    return () => clearTimeout(timer);
  },
};
