import type { Reply } from '../circuit/command.ts';
import type { Clock } from '../time/clock.ts';
import type { Link } from './link.ts';

/** Asks the fleet for probes, only while one may be available; all other callers are answered from memory. */
export interface FleetProbes {
  /** How long a caller should wait, as far as this replica knows. */
  waitMs(nowMs: number): number;
  mayAsk(nowMs: number): boolean;
  /** @returns undefined when the store does not answer. */
  ask(link: Link, token: string): Promise<Reply | undefined>;
  /** The fleet has no probe to give for `waitMs`. */
  holdOff(waitMs: number): void;
  /** The circuit has changed, so the fleet may be asked again at once. */
  forget(): void;
}

export const createFleetProbes = (probes: number, clock: Clock): FleetProbes => {
  let asking = 0;
  let askAgainAtMs = 0;
  return {
    waitMs: (nowMs) => Math.max(0, askAgainAtMs - nowMs),
    // At most as many parallel requests as there are probes.
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

/** The fleet is asked again after this time, even if it told a longer wait, because messages can be lost. */
const longestSilenceMs = 1_000;
