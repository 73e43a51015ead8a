import type { Deadline } from '@xnai/resilience';
import type { Ledger } from '../ledger/ledger.ts';
import type { CrawlQueue } from './queue.ts';

export interface ReconcileDeps {
  readonly ledger: Ledger;
  readonly queue: CrawlQueue;
  readonly deadlineOf: (id: string) => Deadline;
}

/**
 * Makes ledger and queue consistent. It queues a crawl that was recorded by a replica which died before it queued the
 * crawl, and ends a cancelled crawl that has no worker.
 */
export async function reconcile({ ledger, queue, deadlineOf }: ReconcileDeps): Promise<void> {
  for (const id of await ledger.activeIds()) {
    const state = await ledger.state(id);
    if (state === undefined) {
      await ledger.forget(id);
      continue;
    }
    if (state.isCrawled && state.status === 'running') continue;
    if (await queue.has(id)) continue;
    if (state.status === 'stopping') await ledger.endCancelled(id);
    else await queue.add(id, deadlineOf(id));
  }
}
