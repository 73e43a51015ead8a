import { openFaultProxy, startRedis, waitUntil } from '@xnai/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createRedisStore, createRegistry } from '../../src/index.ts';
import { connectRedis, fastFailing } from '../../src/redis/connection.ts';
import { breakIt, quick } from '../support/local-fleet.ts';

test.each([0, 5, 500])(
  'invariant 3: behind a network of %i ms, a probe is let in within the time limit of a command',
  async (latencyMs) => {
    await using server = await startRedis();
    await using proxy = await openFaultProxy(() => ({ path: server.path }));
    const store = createRedisStore({ url: `redis://127.0.0.1:${proxy.port}` });
    const options = { ...quick, openMs: 50, maxOpenMs: 50 };
    await using registry = createRegistry({ service: 'test', store, timing: { startWaitMs: 5_000 } }).define({
      dep: options,
    });
    await registry.start();
    const other = connectRedis(`redis://127.0.0.1:${proxy.port}`, { lazyConnect: true });
    onTestFinished(() => other.disconnect());
    await other.connect();
    await breakIt(registry);
    await waitUntil('it is shared', () => registry.checks()['redis']?.status === 'ok');
    proxy.latencyMs = latencyMs;
    await waitUntil('it is due', () => registry.get('dep').retryAfterMs === 0);
    const order: string[] = [];
    const answer = other.ping().then(() => order.push('answer of Redis'));
    expect(await registry.get('dep').execute(() => 'probed')).toBe('probed');
    order.push('probe');
    await answer;
    // With 500 ms each way an answer takes a second, and the probe does not wait for it.
    if (latencyMs === 500) expect(order).toEqual(['probe', 'answer of Redis']);
  },
  30_000,
);

test('a command to a Redis that is stopped, cut off or gone fails in the time given', async () => {
  await using server = await startRedis();
  await using proxy = await openFaultProxy(() => ({ path: server.path }));
  const client = connectRedis(`redis://127.0.0.1:${proxy.port}`, fastFailing());
  const failsSoon = async (what: string) => {
    // The server is still away when this fails; by the client's own defaults it would take more than a minute.
    await expect(client.get('k'), what).rejects.toThrow();
  };
  try {
    await client.connect();
    expect(await client.get('k')).toBeNull();
    server.pause();
    await failsSoon('stopped');
    server.resume();
    await waitUntil('it answers again', () =>
      client.get('k').then(
        () => true,
        () => false,
      ),
    );
    proxy.blackhole = true;
    await failsSoon('cut off');
    proxy.blackhole = false;
    proxy.reset();
    await waitUntil('it is back', () =>
      client.get('k').then(
        () => true,
        () => false,
      ),
    );
    await server.kill();
    await failsSoon('killed');
    await failsSoon('gone');
  } finally {
    client.disconnect();
  }
}, 30_000);
