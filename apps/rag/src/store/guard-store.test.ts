import { createRegistry } from '@xnai/resilience';
import { describe, expect, test } from 'vitest';
import { classifyStore, guardStore } from './guard-store.ts';
import type { Store } from './store.ts';
import { StoreError, type StoreErrorCode } from './store-error.ts';

function setUp(fail: () => Error) {
  let calls = 0;
  const search: Store['search'] = async () => {
    calls += 1;
    throw fail();
  };
  const breaker = createRegistry({ service: 'test' })
    .define({
      store: { scope: 'local', window: { kind: 'consecutive', failures: 3 }, classify: classifyStore },
    })
    .get('store');
  const store = guardStore({ search } as Store, breaker);
  const call = () => store.search({ collection: 'default', text: 'x', k: 1 });
  return { breaker, call, calls: () => calls };
}

async function callTimes(call: () => Promise<unknown>, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await call().catch(() => {});
}

describe('the breaker of the store', () => {
  test('opens when the store fails again and again, and then spares it', async () => {
    const { breaker, call, calls } = setUp(() => new StoreError('STORE_FAILED'));
    await callTimes(call, 5);
    expect(breaker.state).toBe('open');
    expect(calls()).toBe(3);
    await expect(call()).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });

  test.each<StoreErrorCode>(['STORAGE_FULL', 'COLLECTION_NOT_FOUND', 'STORE_CLOSED'])(
    'stays closed at %s: reads still work then',
    async (code) => {
      const { breaker, call, calls } = setUp(() => new StoreError(code));
      await callTimes(call, 10);
      expect(breaker.state).toBe('closed');
      expect(calls()).toBe(10);
      await expect(call()).rejects.toMatchObject({ code });
    },
  );
});
