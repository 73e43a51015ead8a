import type { Reply } from '../circuit/command.ts';
import type { Clock } from '../time/clock.ts';
import type { Link } from './link.ts';

/** Asks the fleet for probes, no more often than there could be any; everyone else is answered from here. */
export interface FleetProbes {
  /** Until when a caller should wait, as far as is known here. */
  waitMs(nowMs: number): number;
  mayAsk(nowMs: number): boolean;
  /** @returns undefined when the store could not say. */
  ask(link: Link, token: string): Promise<Reply | undefined>;
  /** There is none for so long, the fleet says. */
  holdOff(waitMs: number): void;
  /** Something changed: it is worth asking again. */
  forget(): void;
}

export const createFleetProbes = (probes: number, clock: Clock): FleetProbes => {
  let asking = 0;
  let askAgainAtMs = 0;
  return {
    waitMs: (nowMs) => Math.max(0, askAgainAtMs - nowMs),
    // So many questions at once as there could be probes.
    mayAsk: (nowMs) => asking < probes && nowMs >= askAgainAtMs,
    ask(link, token) {
      asking++;
      return link.lease(token).finally(() => {
        asking--;
      });
    },
    holdOff(waitMs) {
      askAgainAtMs = clock.nowMs() + Math.min(waitMs, longestSilenceMs);
    },
    forget() {
      askAgainAtMs = 0;
    },
  };
};

/** However long a refused probe is told to wait, the fleet is asked again after this: messages can be lost. */
const longestSilenceMs = 1_000;
