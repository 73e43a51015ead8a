import type { Logger } from '@xnai/service';
import type { Store } from '../store/store.ts';
import type { RereadDeps } from './reread.ts';
import { isFull, type RetryOptions, retried } from './retried.ts';

export interface ReindexDeps extends RetryOptions, Pick<RereadDeps, 'untilFree'> {
  readonly store: Pick<Store, 'reindexNext'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Indexes documents anew whose terms are of an older version, or are found in another way by now, one after the other; a process that was killed goes on
 * where it stopped. Ends when none is left, or when the index is full.
 */
export async function reindexOlder(deps: ReindexDeps): Promise<void> {
  const { store, log, signal, untilFree } = deps;
  let count = 0;
  try {
    while (await retried(deps, () => store.reindexNext({ signal }))) {
      if (count === 0)
        log.info(
          'documents are being indexed anew: their terms are of an older version, or found in another way by now',
        );
      count += 1;
      await untilFree(signal);
    }
  } catch (err) {
    if (!isFull(err)) throw err;
    log.warn({ err }, 'storage is full: the other documents are indexed anew after the next start');
    return;
  }
  if (count > 0) log.info('all documents are indexed anew');
}
