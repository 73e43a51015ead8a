import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { createStoreCheck } from './store/check-store.ts';
import type { Store } from './store/store.ts';
import { StoreError } from './store/store-error.ts';
import { openTestRag } from './testing/open-test-rag.ts';

/** rag on an index whose check gets no answer while it is busy, and nobody one while it hangs. */
async function openBusy() {
  const state = { isBusy: false, isHanging: false };
  const hang = async (signal: AbortSignal | undefined): Promise<never> => {
    if (signal !== undefined) await once(signal, 'abort');
    throw signal?.reason;
  };
  const rag = await openTestRag({
    between: (index) =>
      Object.assign(Object.create(index), {
        stats: (options: Parameters<Store['stats']>[0]) =>
          state.isBusy ? hang(options?.signal) : index.stats(options),
        search: (...args: Parameters<Store['search']>) =>
          state.isHanging ? hang(args[1]?.signal) : index.search(...args),
      }),
  });
  onTestFinished(() => rag[Symbol.asyncDispose]());
  await rag.put('a', 'The walrus has tusks.');
  return { rag, state };
}

const ready = async ({ call }: Awaited<ReturnType<typeof openBusy>>['rag']) => {
  const { status, body } = await call('GET', '/readyz');
  return { status, store: body.checks.store };
};

test('a store that answers others is busy and not down, within the time of a balancer', async () => {
  const { rag, state } = await openBusy();
  expect(await ready(rag)).toMatchObject({ status: 200, store: { status: 'ok', detail: { documents: 1 } } });
  state.isBusy = true;
  const searching = setInterval(() => void rag.call('POST', '/v1/search', { query: 'walrus' }), 50);
  onTestFinished(() => clearInterval(searching));
  const startMs = performance.now();
  expect(await ready(rag)).toEqual({
    status: 200,
    store: {
      status: 'degraded',
      detail: expect.stringMatching(/^busy: no answer in 1500 ms, but .* \d+ ms ago$/),
    },
  });
  expect(performance.now() - startMs).toBeLessThan(2_000);
});

test('a store that answers nobody any more is down', async () => {
  let nowMs = 0;
  const listeners: ((event: { duration: number }) => void)[] = [];
  const check = createStoreCheck({
    store: { stats: (options) => once(options?.signal as AbortSignal, 'abort') as never },
    breaker: { onSuccess: (listener) => listeners.push(listener) as never },
    nowMs: () => nowMs,
  });
  const statusAt = async (ms: number) => {
    nowMs = ms;
    return (await check.check(new AbortController().signal)).status;
  };
  for (const succeeded of listeners) succeeded({ duration: 1 });
  expect(await statusAt(0)).toBe('degraded');
  expect(await statusAt(5_001)).toBe('down');
});

test('what waits too long for the database is refused with the time to come again', async () => {
  const rag = await openTestRag({
    between: (index) =>
      Object.assign(Object.create(index), {
        search: () => Promise.reject(new StoreError('OVERLOADED', { retryAfterMs: 5_000 })),
      }),
  });
  onTestFinished(() => rag[Symbol.asyncDispose]());
  await rag.put('a', 'The walrus has tusks.');
  for (let n = 0; n < 10; n += 1) {
    const { status, headers, body } = await rag.call('POST', '/v1/search', { query: 'walrus' });
    expect([status, headers['retry-after'], body.code]).toEqual([503, '5', 'OVERLOADED']);
  }
  // Ten failures would have opened it.
  expect(rag.registry.get('store')).toMatchObject({ state: 'closed', counts: { failures: 0 } });
});
