import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '@xnai/resilience';
import type { Ledger } from '../ledger/ledger.ts';
import type { Work } from './queue.ts';

export interface RoomDeps {
  readonly memory: Pick<Resource, 'admit'>;
  readonly ledger: Pick<Ledger, 'state'>;
  readonly pollMs?: number;
}

/** Delays work while memory is short. A crawl that is cancelled meanwhile goes on to `work`, which ends it. */
export function waitForRoom(work: Work, deps: RoomDeps): Work {
  return async (job, signal) => {
    while (!hasRoom(deps)) {
      const state = await deps.ledger.state(job.id);
      if (state === undefined || state.status === 'stopping') break;
      await sleep(deps.pollMs ?? 1000, undefined, { signal }).catch(() => {});
      if (signal.aborted) return 'later';
    }
    return work(job, signal);
  };
}

export function hasRoom({ memory }: Pick<RoomDeps, 'memory'>): boolean {
  try {
    memory.admit('background');
    return true;
  } catch {
    return false;
  }
}
