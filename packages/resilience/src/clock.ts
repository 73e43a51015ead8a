/** Time as the package sees it: monotonic, so that a wall clock set back holds no circuit open. */
export interface Clock {
  nowMs(): number;
  /** Calls back once; does not keep the process alive. Returns the cancel. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
