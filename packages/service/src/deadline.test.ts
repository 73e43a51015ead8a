import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import type { App } from './app-type.ts';
import { openTestApp } from './testing/test-app.ts';

function addWaiting(signals: AbortSignal[], { isDeaf = false } = {}): (app: App) => void {
  return (app) => {
    app.post('/v1/wait', { config: { scope: 'query' } }, async (request) => {
      signals.push(request.signal);
      if (isDeaf) return new Promise(() => {});
      await once(request.signal, 'abort');
      throw request.signal.reason;
    });
    app.get('/v1/quick', { config: { scope: 'query' } }, async (request) => {
      signals.push(request.signal);
      return {};
    });
  };
}

describe('X-Request-Timeout-Ms', () => {
  test.each([
    ['that listens to its signal', false],
    ['that does not', true],
  ])('ends a handler %s with 504', async (_name, isDeaf) => {
    const signals: AbortSignal[] = [];
    await using test = await openTestApp(addWaiting(signals, { isDeaf }));

    const response = await test.app.inject({
      method: 'POST',
      url: '/v1/wait',
      headers: { ...test.auth, 'x-request-timeout-ms': '20' },
    });

    expect(response.json()).toMatchObject({ status: 504, code: 'DEADLINE_EXCEEDED' });
    expect(signals[0]?.aborted).toBe(true);
  });

  test.each(['0', '-1', 'soon', '1.5', '3600001', '1e9'])('%j is refused', async (value) => {
    await using test = await openTestApp(addWaiting([]));

    const response = await test.app.inject({
      url: '/v1/quick',
      headers: { ...test.auth, 'x-request-timeout-ms': value },
    });

    expect(response.json()).toMatchObject({ code: 'VALIDATION', errors: [{ path: 'X-Request-Timeout-Ms' }] });
  });

  test('a request that ends in time is never aborted', async () => {
    const signals: AbortSignal[] = [];
    await using test = await openTestApp(addWaiting(signals));

    const response = await test.app.inject({
      url: '/v1/quick',
      headers: { ...test.auth, 'x-request-timeout-ms': '60000' },
    });

    expect(response.statusCode).toBe(200);
    expect(signals[0]?.aborted).toBe(false);
  });
});

describe('request.signal', () => {
  test('is aborted when the client goes away, even after its body has come', async () => {
    const signals: AbortSignal[] = [];
    await using test = await openTestApp(addWaiting(signals));
    await test.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = test.app.server.address() as AddressInfo;

    const headers = { ...test.auth, 'content-type': 'application/json' };
    const client = httpRequest({ port, host: '127.0.0.1', path: '/v1/wait', method: 'POST', headers });
    client.on('error', () => {});
    client.end('{}');
    await vi.waitFor(() => expect(signals).toHaveLength(1));
    expect(signals[0]?.aborted).toBe(false);
    client.destroy();

    await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true));
    await vi.waitFor(() => expect(test.lines.map(({ msg }) => msg)).toContain('request aborted by client'));
    expect(test.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });

  test('is not aborted by the end of an ordinary answer over a kept connection', async () => {
    const signals: AbortSignal[] = [];
    await using test = await openTestApp(addWaiting(signals));
    const url = await test.app.listen({ port: 0, host: '127.0.0.1' });

    for (let n = 0; n < 2; n++) await (await fetch(`${url}/v1/quick`, { headers: test.auth })).text();

    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});
