import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { Store } from './store/store.ts';
import { openTestRag } from './testing/open-test-rag.ts';

/** An index in which searches and writes take until they are called off. */
async function openSlow() {
  const calledOff: unknown[] = [];
  let isSlow = false;
  const wait = async (signal: AbortSignal | undefined): Promise<never> => {
    if (signal !== undefined) await once(signal, 'abort');
    calledOff.push(signal?.reason);
    throw signal?.reason;
  };
  const between = (index: Store): Store =>
    Object.assign(Object.create(index), {
      search: (...args: Parameters<Store['search']>) => wait(args[1]?.signal),
      upsertDocument: (...args: Parameters<Store['upsertDocument']>) =>
        isSlow ? wait(args[1]?.signal) : index.upsertDocument(...args),
    });
  const rag = await openTestRag({ between });
  onTestFinished(() => rag[Symbol.asyncDispose]());
  await rag.put('first', 'a walrus');
  isSlow = true;
  return { rag, calledOff };
}

const timeout = { 'x-request-timeout-ms': '100' };
const document = { content: 'a walrus', content_type: 'text/plain' };

test.each([
  ['POST', '/v1/search', { query: 'walrus' }],
  ['POST', '/v1/query', { query: 'walrus' }],
  ['PUT', '/v1/collections/default/documents/a', document],
] as const)(
  '%s %s ends with 504 when the time that the caller gave is over, and calls its work off',
  async (method, path, body) => {
    const { rag, calledOff } = await openSlow();
    for (let n = 0; n < 7; n += 1) {
      const answer = await rag.call(method, path, body, timeout);
      expect(answer).toMatchObject({ status: 504, body: { code: 'DEADLINE_EXCEEDED' } });
    }
    await expect.poll(() => calledOff.length).toBeGreaterThan(5);
    // A caller's hurry says nothing of the index.
    expect(rag.registry.get('store')).toMatchObject({ state: 'closed', counts: { failures: 0 } });
  },
);

test.each(['0', '-1', 'soon', '1.5', '99999999999'])('a time of %s is refused', async (value) => {
  const { rag } = await openSlow();
  const answer = await rag.call('POST', '/v1/search', { query: 'x' }, { 'x-request-timeout-ms': value });
  expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION' } });
});
