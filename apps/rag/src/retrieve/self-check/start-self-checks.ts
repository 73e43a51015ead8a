import { setTimeout as sleep } from 'node:timers/promises';
import type { Closeable, Logger } from '@xnai/service';
import type { CheckDeps } from './check-deps.ts';
import type { SelfChecks } from './self-checks.ts';

export interface StartDeps extends Pick<CheckDeps, 'untilFree'> {
  readonly checks: Pick<SelfChecks, 'checkDue'>;
  readonly log: Pick<Logger, 'warn'>;
}

const LOOK_EVERY_MS = 10_000;

/** Checks collections in the background, from now until it is closed. What fails is tried again at the next look. */
export function startSelfChecks({ checks, untilFree, log }: StartDeps): Closeable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const look = async () => {
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await checks.checkDue({ untilFree, signal }).catch((err: unknown) => {
        if (!signal.aborted) log.warn({ err }, 'a collection could not be asked for its own chunks');
      });
    }
  };
  const done = look();
  return {
    name: 'self-checks of collections',
    close() {
      stopping.abort();
      return done;
    },
  };
}
