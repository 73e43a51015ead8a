import type { Clock } from '../time/clock.ts';

export interface Poller {
  /** Now, or once more when one is under way. */
  poll(): void;
  pollIn(ms: number): void;
  stop(): void;
}

/** Runs one poll at a time, again and again, with a jitter of a fifth so that replicas do not poll as one. */
export const createPoller = (
  run: () => Promise<void>,
  {
    clock,
    random,
    intervalMs,
  }: { readonly clock: Clock; readonly random: () => number; readonly intervalMs: () => number },
): Poller => {
  let cancel = () => {};
  let polling = false;
  let again = false;
  let stopped = false;

  const poll = () => {
    if (stopped) return;
    if (polling) {
      again = true;
      return;
    }
    cancel();
    polling = true;
    void run().finally(() => {
      polling = false;
      if (again) {
        again = false;
        poll();
      } else pollIn(intervalMs());
    });
  };
  const pollIn = (ms: number) => {
    if (stopped) return;
    cancel();
    cancel = clock.inBackground(ms * (0.8 + random() * 0.4), poll);
  };

  return {
    poll,
    pollIn,
    stop() {
      stopped = true;
      cancel();
    },
  };
};
