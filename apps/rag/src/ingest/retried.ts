import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@xnai/service';
import { isLeadLost } from '../store/lead.ts';
import { StoreError } from '../store/store-error.ts';

export interface RetryOptions {
  readonly log: Pick<Logger, 'warn'>;
  readonly signal: AbortSignal;
  /** Pause after a failure that may pass, such as an open breaker. */
  readonly retryMs?: number;
}

/** Does work in the background until it succeeds, or fails in a way that does not pass by itself. */
export async function retried<T>(
  { log, signal, retryMs = 5000 }: RetryOptions,
  work: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (err) {
      if (signal.aborted || !mayPass(err)) throw err;
      if (failures === 0)
        log.warn({ err }, 'work on documents of an older version is tried until it succeeds');
      await sleep(retryMs, undefined, { signal });
    }
  }
}

export function mayPass(error: unknown): boolean {
  if (isFull(error) || isLeadLost(error)) return false;
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}

/** Passes when documents are deleted or the limit is raised, which may be never. */
export function isFull(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'STORAGE_FULL';
}
