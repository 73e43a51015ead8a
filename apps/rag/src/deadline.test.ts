import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { Store } from './store/store.ts';
import { openTestRag, type TestRag } from './testing/open-test-rag.ts';

async function open(between?: (index: Store) => Store): Promise<TestRag> {
  const rag = await openTestRag(between === undefined ? {} : { between });
  onTestFinished(() => rag[Symbol.asyncDispose]());
  return rag;
}

/** An index in which searches and writes take until they are aborted. */
async function openSlow() {
  const abortedBy: unknown[] = [];
  let isSlow = false;
  const wait = async (signal: AbortSignal | undefined): Promise<never> => {
    if (signal !== undefined) await once(signal, 'abort');
    abortedBy.push(signal?.reason);
    throw signal?.reason;
  };
  const rag = await open((index) =>
    Object.assign(Object.create(index), {
      search: (...args: Parameters<Store['search']>) => wait(args[1]?.signal),
      upsertDocument: (...args: Parameters<Store['upsertDocument']>) =>
        isSlow ? wait(args[1]?.signal) : index.upsertDocument(...args),
    }),
  );
  await rag.put('first', 'a walrus');
  isSlow = true;
  return { rag, abortedBy };
}

const timeout = (ms: number | string) => ({ 'x-request-timeout-ms': String(ms) });
const document = { content: 'The walrus eats clams.', content_type: 'text/plain' };
const chat = { model: 'rag', messages: [{ role: 'user', content: 'What does the walrus eat?' }] };

const CALLS = [
  ['POST', '/v1/search', { query: 'walrus' }, 200],
  ['POST', '/v1/query', { query: 'What does the walrus eat?' }, 200],
  ['POST', '/v1/chat/completions', chat, 200],
  ['PUT', '/v1/collections/default/documents/a', document, 201],
] as const;

test.each(CALLS)(
  '%s %s ends with 504 when the deadline of the caller passes, and aborts its work',
  async (method, path, body) => {
    const { rag, abortedBy } = await openSlow();
    for (let n = 0; n < 7; n += 1) {
      const answer = await rag.call(method, path, body, timeout(100));
      expect(answer.status).toBe(504);
      expect(answer.body.code ?? answer.body.error.code).toMatch(/deadline_exceeded/i);
    }
    await expect.poll(() => abortedBy.length).toBeGreaterThan(5);
    // The haste of a caller says nothing about the index.
    expect(rag.registry.get('store')).toMatchObject({ state: 'closed', counts: { failures: 0 } });
  },
);

test.each(CALLS)('%s %s is not changed by a generous deadline', async (method, path, body, status) => {
  const rag = await open();
  await rag.put('first', '# Walrus\n\nThe walrus eats clams in the cold sea.');
  const answerOf = async (headers: Record<string, string>) => {
    const answer = await rag.call(method, path, body, headers);
    if (method === 'PUT') await rag.call('DELETE', path);
    return { status: answer.status, body: withoutTimes(answer.body) };
  };
  const expected = await answerOf({});
  expect(expected.status).toBe(status);
  // Longest first: a deadline that is read as a point in time fails for one of the two.
  for (const ms of [3_600_000, 30_000]) {
    for (let n = 0; n < 5; n += 1) expect(await answerOf(timeout(ms))).toEqual(expected);
  }
});

test.each(['0', '-1', 'soon', '1.5', '3600001', '99999999999'])('a time of %s is refused', async (value) => {
  const rag = await open();
  await rag.put('first', 'a walrus');
  const search = (ms: string) => rag.call('POST', '/v1/search', { query: 'x' }, timeout(ms));
  expect(await search(value)).toMatchObject({ status: 400, body: { code: 'VALIDATION' } });
  expect(await search('3600000')).toMatchObject({ status: 200 });
});

/** The answer without what differs from call to call: its times and the id of a chat. */
function withoutTimes(body: object): unknown {
  const differing = new Set(['took_ms', 'timings', 'rag_timings', 'id', 'created']);
  return JSON.parse(JSON.stringify(body, (name, value) => (differing.has(name) ? undefined : value)));
}
