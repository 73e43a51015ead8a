export interface Counted {
  /** With the one that was counted last. */
  readonly count: number;
  /** Until the window ends. */
  readonly ttlMs: number;
}

/** More callers at a time than this are not told apart for a whole window. */
const MOST_WINDOWS = 5_000;

/** Counts in memory, by key, in windows that begin with the first one counted. */
export function createWindowCounter(nowMs: () => number = () => performance.now()) {
  const windows = new Map<string, { count: number; endsMs: number }>();
  return (key: string, windowMs: number): Counted => {
    const now = nowMs();
    const known = windows.get(key);
    const window = known !== undefined && known.endsMs > now ? known : { count: 0, endsMs: now + windowMs };
    window.count += 1;
    windows.delete(key);
    windows.set(key, window);
    const [oldest] = windows.keys();
    if (windows.size > MOST_WINDOWS && oldest !== undefined) windows.delete(oldest);
    return { count: window.count, ttlMs: window.endsMs - now };
  };
}
