import type { BatchPage } from '@xnai/contracts';
import { type Logger, ServiceError } from '@xnai/service';
import { serveDue } from '../redis/serve-due.ts';
import type { SendOut } from '../scrape/send-out.ts';
import type { BatchStore, StoredBatch } from './batch-store.ts';

export interface BatchDeps {
  readonly store: BatchStore;
  readonly sendOut: SendOut;
  readonly log: Pick<Logger, 'warn'>;
}

/** One page of each is fetched at a time, so that scrapes of clients that wait still find room. */
const AT_ONCE = 1;
const POLL_MS = 500;
/** Longer than a page may take. */
const LEASE_MS = 120_000;
/** Clients that wait, and other batches, go first while there is no room for a page, or its host rests. */
const FULL_MS = 1000;

/** Fetches the pages of batches. A batch whose replica has died is taken up by another where it was left. */
export function runBatches(deps: BatchDeps): AsyncDisposable {
  return serveDue({
    due: deps.store.due,
    atOnce: AT_ONCE,
    leaseMs: LEASE_MS,
    pollMs: POLL_MS,
    serve: (id, signal) => run(deps, id, signal),
    onError: (err, batchId) => deps.log.warn({ err, batchId }, 'batch is left for a while'),
  });
}

async function run({ store, sendOut }: BatchDeps, id: string, signal: AbortSignal): Promise<void> {
  const request = await store.request(id);
  if (request === undefined) return store.due.remove(id);
  const total = request.urls.length;
  for (let index = await store.next(id, total); index !== undefined; index = await store.next(id, total)) {
    const page = await fetchOne(sendOut, request, { index, signal });
    if (page === undefined) return store.due.putOff(id, Date.now() + FULL_MS);
    await store.save(id, index, page);
    await store.due.putOff(id, Date.now() + LEASE_MS);
  }
  const batch = await store.get(id);
  if (batch?.status === 'running') await store.finish(id);
}

/** @returns undefined when there is no room for it at present */
async function fetchOne(
  sendOut: SendOut,
  { urls, ...options }: StoredBatch,
  { index, signal }: { readonly index: number; readonly signal: AbortSignal },
): Promise<BatchPage | undefined> {
  const url = urls[index] ?? '';
  try {
    return { url, page: await sendOut('scrape', { url, ...options }, signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ServiceError)) throw error;
    return error.code === 'OVERLOADED'
      ? undefined
      : { url, error: { code: error.code, detail: error.message } };
  }
}
