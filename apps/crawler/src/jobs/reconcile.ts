import type { Deadline } from '@xnai/resilience';
import type { Ledger } from '../ledger/ledger.ts';
import type { CrawlQueue } from './queue.ts';

export interface ReconcileDeps {
  readonly ledger: Ledger;
  readonly queue: CrawlQueue;
  readonly deadlineOf: (id: string) => Deadline;
}

/**
 * Brings ledger and queue together again: a crawl that was recorded when its replica died before queueing it
 * is queued, and one that was asked to stop and that nobody runs is ended.
 */
async function reconcile({ ledger, queue, deadlineOf }: ReconcileDeps): Promise<void> {
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

/** Reconciles now and then; while Redis is away there is nothing to bring together. */
export function startReconciler(deps: ReconcileDeps, intervalMs: number): Disposable {
  let isRunning = false;
  const run = () => {
    if (isRunning) return;
    isRunning = true;
    reconcile(deps)
      .catch(() => {})
      .finally(() => {
        isRunning = false;
      });
  };
  const timer = setInterval(run, intervalMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
