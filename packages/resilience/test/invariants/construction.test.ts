import { once } from 'node:events';
import { createServer } from 'node:net';
import { openFaultProxy, startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisStore, createRegistry, type RedisStoreOptions } from '../../src/index.ts';

let server: TestRedis;
const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  server = await startRedis({ args: ['--requirepass', 'secret'] });
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  await server[Symbol.asyncDispose]();
});

const twenty = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`b${i}`, {}]));

const expectToWorkWithout = async (target: RedisStoreOptions, reason: RegExp) => {
  const before = process.cpuUsage();
  const registry = createRegistry({ service: 'test', store: createRedisStore(target) }).define(twenty);
  const { user, system } = process.cpuUsage(before);
  // 5 ms is aimed at; ten times that is a bound on any machine, whatever else it does.
  expect(user + system).toBeLessThan(50_000);
  await registry.start();
  expect(await registry.get('b0').execute(() => 'served')).toBe('served');
  await waitUntil('the reason is known', () => reason.test(registry.checks()['redis']?.detail ?? ''));
  expect(registry.checks()['redis']?.status).toBe('down');
  await registry.close();
  expect(unhandled).toEqual([]);
};

test('invariant 1: a registry is made and serves while nothing listens', async () => {
  await expectToWorkWithout({ url: 'redis://127.0.0.1:1' }, /local to this replica: Redis is not connected$/);
});

test('invariant 1: a registry is made and serves while Redis accepts and says nothing', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  await expectToWorkWithout(
    { url: `redis://127.0.0.1:${(silent.address() as { port: number }).port}` },
    /local to this replica/,
  );
  silent.close();
});

test('invariant 1: a registry is made and serves with a wrong password', async () => {
  await expectToWorkWithout({ url: `unix://:wrong@localhost${server.path}` }, /local to this replica/);
});

test('invariant 1: a registry is made and serves when TLS is spoken to a server without', async () => {
  await using tcp = await openFaultProxy(() => ({ path: server.path }));
  await expectToWorkWithout({ url: `rediss://127.0.0.1:${tcp.port}` }, /local to this replica/);
});

test('a replica that started without Redis joins when it comes, without a restart', async () => {
  await using proxy = await openFaultProxy(() => ({ path: server.path }));
  proxy.refuse = true;
  const store = createRedisStore({ url: `redis://:secret@127.0.0.1:${proxy.port}` });
  await using registry = createRegistry({ service: 'test', store }).define(twenty);
  await registry.start();
  expect(registry.checks()['redis']?.status).toBe('down');
  proxy.refuse = false;
  // Two seconds are promised.
  await waitUntil('it has joined', () => registry.checks()['redis']?.status === 'ok', { timeoutMs: 20_000 });
}, 30_000);

test('a user that is allowed later joins without a restart', async () => {
  await using open = await startRedis();
  const store = createRedisStore({ url: `unix://late:right@localhost${open.path}` });
  await using registry = createRegistry({ service: 'test', store }).define(twenty);
  await registry.start();
  expect(registry.checks()['redis']?.status).toBe('down');
  await open.client.call('ACL', 'SETUSER', 'late', 'on', '>right', '~*', '&*', '+@all');
  await waitUntil('it has joined', () => registry.checks()['redis']?.status === 'ok', { timeoutMs: 20_000 });
}, 30_000);
