import { Readiness } from '@xnai/contracts';
import { afterEach, expect, test, vi } from 'vitest';
import { type Check, readiness } from './health.ts';
import { openTestApp } from './testing/test-app.ts';

afterEach(() => void vi.useRealTimers());

const ok: Check = { name: 'store', essential: true, check: () => ({ status: 'ok', detail: '3 documents' }) };
const lost: Check = {
  name: 'redis',
  degradedToken: 'redis',
  check: () => Promise.reject(new Error('secret')),
};

test('all well is ready', async () => {
  expect(await readiness([ok])).toEqual({
    status: 'ready',
    checks: { store: { status: 'ok', detail: '3 documents' } },
    degraded: [],
    advice: [],
  });
});

test('a thing that is down, degraded or absent is named in degraded, once', async () => {
  const absent: Check = { name: 'model', degradedToken: 'model', check: () => ({ status: 'absent' }) };
  const again: Check = { ...lost, name: 'breakers', check: () => ({ status: 'degraded' }) };

  expect(await readiness([ok, lost, again, absent])).toMatchObject({
    status: 'degraded',
    checks: {
      redis: { status: 'down', detail: 'Error' },
      breakers: { status: 'degraded' },
      model: { status: 'absent' },
    },
    degraded: ['redis', 'model'],
  });
});

test('an absent thing without a degraded token does not degrade', async () => {
  expect((await readiness([ok, { name: 'gpu', check: () => ({ status: 'absent' }) }])).status).toBe('ready');
});

test('only an essential thing that is down makes it unavailable', async () => {
  expect((await readiness([ok, lost])).status).toBe('degraded');
  expect((await readiness([ok, { ...lost, essential: true }])).status).toBe('unavailable');
  expect((await readiness([{ ...ok, check: () => ({ status: 'degraded' }) }])).status).toBe('degraded');
});

test('what is starting is not missed, and advice stands apart from what is wrong', async () => {
  const starting: Check = { name: 'model', degradedToken: 'model', check: () => ({ status: 'starting' }) };
  const advice = { code: 'browser-sandbox', text: 'It has none.', command: 'podman compose up -d' };
  const advised: Check = { name: 'browser-sandbox', check: () => ({ status: 'absent', advice }) };

  expect(await readiness([ok, starting])).toMatchObject({ status: 'starting', degraded: [] });
  expect((await readiness([ok, starting, lost])).status).toBe('degraded');
  expect(await readiness([ok, advised])).toMatchObject({
    status: 'ready',
    checks: { 'browser-sandbox': { status: 'absent' } },
    degraded: [],
    advice: [advice],
  });
});

test('no checks at all is not healthy', async () => {
  expect((await readiness([])).status).toBe('unavailable');
});

test('checks run side by side, and one that hangs is down after its time', async () => {
  let started = 0;
  const hanging = (name: string): Check => ({
    name,
    check: () => {
      started++;
      return new Promise(() => {});
    },
  });
  const running = readiness([hanging('a'), hanging('b'), ok], { timeoutMs: 10 });
  expect(started).toBe(2);

  expect(await running).toMatchObject({
    status: 'degraded',
    checks: {
      a: { status: 'down', detail: 'no answer in 10 ms' },
      b: { status: 'down' },
      store: { status: 'ok' },
    },
  });
});

test('/readyz answers 200 or 503 and never the text of an error; /livez does not care', async () => {
  await using test = await openTestApp(undefined, { checks: [{ ...lost, essential: true }] });
  await using degraded = await openTestApp(undefined, { checks: [ok, lost] });

  const response = await test.app.inject('/readyz');
  expect(response.statusCode).toBe(503);
  expect(Readiness.parse(response.json()).status).toBe('unavailable');
  expect(response.body).not.toContain('secret');
  expect((await test.app.inject('/livez')).json()).toEqual({ status: 'ok' });
  expect((await degraded.app.inject('/readyz')).statusCode).toBe(200);
});

test('a service that is to stop says so at once, however long its checks take', async () => {
  const hanging = { ...ok, isHanging: false };
  const check: Check = { ...ok, check: () => (hanging.isHanging ? new Promise(() => {}) : { status: 'ok' }) };
  await using test = await openTestApp(undefined, { checks: [check] });
  await test.app.inject('/readyz');
  hanging.isHanging = true;
  test.app.draining.isOn = true;
  const startMs = performance.now();
  const response = await test.app.inject('/readyz');
  expect(response.statusCode).toBe(503);
  expect(response.json().checks).toMatchObject({ store: { status: 'ok' }, stop: { status: 'down' } });
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

test('many askers at once cost one run of the checks', async () => {
  let runs = 0;
  const check = async () => {
    runs++;
    await new Promise(setImmediate);
    return { status: 'ok' as const };
  };
  await using test = await openTestApp(undefined, { checks: [{ name: 'store', check }] });
  await test.app.ready();

  await Promise.all([1, 2, 3].map(() => test.app.inject('/readyz')));
  expect(runs).toBe(1);
  await test.app.inject('/readyz');
  expect(runs).toBe(2);
});
