import { setTimeout as delay } from 'node:timers/promises';
import type { BatchPage, BatchRequest } from '@xnai/contracts';
import { ServiceError } from '@xnai/service';
import type { SendOut } from '../scrape/send-out.ts';
import type { BatchStore } from './batch-store.ts';

export interface BatchDeps {
  readonly store: BatchStore;
  readonly sendOut: SendOut;
}

/** One page of each is fetched at a time, so that scrapes of clients that wait still find room. */
const AT_ONCE = 1;
const POLL_MS = 500;
/** Longer than a page may take. */
const LEASE_MS = 120_000;
const FULL_MS = 1000;

/** Fetches the pages of batches. A batch whose replica has died is taken up by another where it was left. */
export function runBatches({ store, sendOut }: BatchDeps): AsyncDisposable {
  const closing = new AbortController();
  const underWay = new Map<string, Promise<void>>();

  async function look(): Promise<void> {
    const free = AT_ONCE - underWay.size;
    for (const id of free > 0 ? await store.due.claim(free, LEASE_MS) : []) {
      const done = run({ store, sendOut }, id, closing.signal)
        // Without Redis, or at the end of this process: the lease runs out, and the batch goes on then.
        .catch(() => {})
        .finally(() => underWay.delete(id));
      underWay.set(id, done);
    }
  }

  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => {});
  }, POLL_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      closing.abort(new Error('the service is stopping'));
      await looking;
      const ids = [...underWay.keys()];
      await Promise.all(underWay.values());
      for (const id of ids) await store.due.putOff(id, Date.now()).catch(() => {});
    },
  };
}

async function run({ store, sendOut }: BatchDeps, id: string, signal: AbortSignal): Promise<void> {
  const request = await store.request(id);
  if (request === undefined) return store.due.remove(id);
  const total = request.urls.length;
  for (let index = await store.next(id, total); index !== undefined; index = await store.next(id, total)) {
    const page = await fetchOne(sendOut, request, { index, signal });
    await store.save(id, index, page);
    await store.due.putOff(id, Date.now() + LEASE_MS);
  }
  const batch = await store.get(id);
  if (batch?.status === 'running') await store.finish(id);
}

async function fetchOne(
  sendOut: SendOut,
  { urls, ...options }: BatchRequest,
  { index, signal }: { readonly index: number; readonly signal: AbortSignal },
): Promise<BatchPage> {
  const url = urls[index] ?? '';
  for (;;) {
    try {
      return { url, page: await sendOut('scrape', { url, ...options }, signal) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ServiceError)) throw error;
      // Clients that wait go first.
      if (error.code === 'OVERLOADED') await delay(FULL_MS, undefined, { signal });
      else return { url, error: { code: error.code, detail: error.message } };
    }
  }
}
