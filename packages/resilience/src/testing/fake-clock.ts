import type { Clock } from '../time/clock.ts';

/** A clock that moves when told. */
export interface FakeClock extends Clock {
  /** Moves on, runs what falls due in order, and lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Lets promises settle without time passing. */
  settle(): Promise<void>;
}

export interface FakeClockOptions {
  /** Waits for what promises alone do not bring about, such as I/O; true if there was anything. */
  readonly idle?: () => Promise<boolean>;
}

export const createFakeClock = (startMs = 0, { idle }: FakeClockOptions = {}): FakeClock => {
  let nowMs = startMs;
  let made = 0;
  const timers = new Map<number, { readonly atMs: number; readonly run: () => void }>();

  const due = (untilMs: number) => {
    let first: [number, { readonly atMs: number; readonly run: () => void }] | undefined;
    for (const entry of timers) {
      if (entry[1].atMs <= untilMs && (first === undefined || entry[1].atMs < first[1].atMs)) first = entry;
    }
    return first;
  };
  const settle = async () => {
    do {
      for (let i = 0; i < settleRounds; i++) await Promise.resolve();
    } while (await idle?.());
  };

  const after: FakeClock['after'] = (ms, run) => {
    const id = ++made;
    timers.set(id, { atMs: nowMs + ms, run });
    return () => void timers.delete(id);
  };

  return {
    nowMs: () => nowMs,
    after,
    inBackground: after,
    settle,
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let next = due(untilMs); next !== undefined; next = due(untilMs)) {
        const [id, { atMs, run }] = next;
        timers.delete(id);
        nowMs = Math.max(nowMs, atMs);
        run();
        await settle();
      }
      nowMs = untilMs;
    },
  };
};

/** Deeper than any chain of promises in this package. */
const settleRounds = 64;
