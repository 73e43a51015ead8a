import { setTimeout as sleep } from 'node:timers/promises';
import type { Closeable, Logger } from '@xnai/service';
import { isLeadLost, type LeadMark, type TakeLead, whileLeading } from '../../store/lead.ts';
import type { CheckDeps } from './check-deps.ts';
import type { SelfChecks } from './self-checks.ts';

export interface StartDeps extends Pick<CheckDeps, 'untilFree'> {
  readonly checks: Pick<SelfChecks, 'checkDue' | 'isReady' | 'recall'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Where replicas share a store, one checks for all. */
  readonly lead: TakeLead | undefined;
  readonly lookEveryMs?: number;
}

/**
 * Uses what the store keeps of checks at once, and checks collections in the background, from now until it is closed. What
 * fails is tried again at the next look.
 */
export function startSelfChecks({
  checks,
  untilFree,
  log,
  lead,
  lookEveryMs = 10_000,
}: StartDeps): Closeable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const untilNext = (signal: AbortSignal) => sleep(lookEveryMs, undefined, { signal }).catch(() => {});
  const recall = async () => {
    let hasFailed = false;
    while (!signal.aborted) {
      hasFailed = await checks.recall(signal).then(
        () => false,
        (err: unknown) => {
          if (!signal.aborted && !hasFailed) log.warn({ err }, 'checks of collections could not be read');
          return true;
        },
      );
      await untilNext(signal);
    }
  };
  const checkWhileReady = async (signal: AbortSignal, mark: LeadMark | undefined) => {
    while (!signal.aborted && checks.isReady()) {
      await checks.checkDue({ untilFree, signal, lead: mark }).catch((err: unknown) => {
        if (isLeadLost(err)) throw err;
        if (!signal.aborted) log.warn({ err }, 'a collection could not be asked for its own chunks');
      });
      await untilNext(signal);
    }
  };
  // A replica without a model does not keep the others from checking.
  const check = async () => {
    while (!signal.aborted) {
      await untilNext(signal);
      if (checks.isReady()) await whileLeading(lead, { duty: 'self-check', signal, log }, checkWhileReady);
    }
  };
  const done = Promise.all([recall(), check()]).catch((err: unknown) => {
    if (!signal.aborted) log.error({ err }, 'checks of collections have ended');
  });
  return {
    name: 'self-checks of collections',
    async close() {
      stopping.abort();
      await done;
    },
  };
}
