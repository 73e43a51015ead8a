import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { continueTrace, currentTrace, inSpan } from './index.ts';
import { startTracing, type Tracing } from './start-tracing.ts';

const log = { info: vi.fn(), warn: vi.fn() };
const registry = new Registry();
/** What the collector answers; undefined: nothing. */
let status: number | undefined = 400;
const collector = createServer((request, response) => {
  request.resume();
  if (status !== undefined) response.writeHead(status).end('{}');
});
let tracing: Tracing;

beforeAll(async () => {
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  const { port } = collector.address() as AddressInfo;
  const started = await startTracing({ name: 'test', endpoint: `http://127.0.0.1:${port}`, log });
  if (started === undefined) throw new Error('traces are off');
  tracing = started;
  tracing.registerMetrics(registry);
});
afterAll(() => collector.closeAllConnections());

const trace = (name: string) => continueTrace(undefined, name, {}, async () => currentTrace());
const count = async (outcome: string) =>
  Number(new RegExp(`outcome="${outcome}"} (\\d+)`).exec(await registry.metrics())?.[1]);

it('is off without an endpoint', async () => {
  expect(await startTracing({ name: 'test', endpoint: undefined, log })).toBeUndefined();
});

it('counts the spans that are lost, advises, and logs once that the collector takes none', async () => {
  expect(await trace('a')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  await expect.poll(() => count('lost'), { timeout: 10_000 }).toBe(1);
  await trace('b');
  await expect.poll(() => count('lost'), { timeout: 10_000 }).toBe(2);

  const check = await tracing.check.check(AbortSignal.abort());
  expect(check).toMatchObject({ status: 'ok', advice: { code: 'TRACES_NOT_DELIVERED' } });
  expect(log.warn.mock.calls).toEqual([[{ reason: 'Bad Request' }, 'traces cannot be delivered']]);
  expect(await count('sent')).toBe(0);
});

it('says when they are delivered again', async () => {
  status = 200;
  await trace('c');
  await expect.poll(() => count('sent'), { timeout: 10_000 }).toBe(1);

  expect(await tracing.check.check(AbortSignal.abort())).toEqual({ status: 'ok' });
  expect(log.info.mock.calls).toEqual([['traces are delivered again']]);
});

it('leaves the work of a span, its result and its error as they are', async () => {
  const failure = Object.assign(new Error('a text'), { code: 'SOME_CODE' });
  await continueTrace(undefined, 'root', {}, async () => {
    expect(await inSpan('child', {}, async () => 42)).toBe(42);
    await expect(inSpan('child', {}, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});

// The exporter itself waits ten seconds for an answer.
it('stops in time although the collector does not answer', { timeout: 8000 }, async () => {
  status = undefined;
  await trace('d');
  await tracing.close();
});
