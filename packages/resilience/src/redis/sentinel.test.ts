import { startRedis, startSentinels, type TestSentinels, waitUntil } from '@xnai/testing';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connectRedis, fastFailing, faultOf } from '../index.ts';

let group: TestSentinels;
beforeAll(async () => {
  group = await startSentinels({ replicas: 1 });
}, 60_000);
afterAll(() => group?.[Symbol.asyncDispose]());

/** With patience for a busy machine. */
const open = (url: string): Redis => {
  const client = connectRedis(url, fastFailing(2_000));
  onTestFinished(() => client.disconnect());
  client.connect().catch(() => {});
  return client;
};
const untilFault = (url: string, what: RegExp) => {
  const client = open(url);
  return waitUntil('the fault is known', () => what.test(faultOf(client) ?? ''), {
    timeoutMs: 10_000,
    describe: () => String(faultOf(client)),
  });
};

test('what is wrong with the sentinels is said of each', async () => {
  const [one, two] = group.sentinels.map(({ port }) => `127.0.0.1:${port}`);
  const [server, replica] = group.servers.map(({ port }) => `127.0.0.1:${port}`);
  await untilFault(`redis+sentinel://${one},${two}/other`, new RegExp(`${two} knows no master 'other'`));
  await untilFault('redis+sentinel://127.0.0.1:1/main', /127.0.0.1:1 does not answer: /);
  await untilFault(`redis+sentinel://${server}/main`, /is a Redis and no sentinel$/);
  await untilFault(
    `redis+sentinel://${one}/main?sentinelUser=ann&sentinelPassword=wrong`,
    /refuses its login: WRONGPASS/,
  );
  await untilFault(`redis://${one}`, /^it is a sentinel: redis\+sentinel:\/\/127.0.0.1:\d+\/NAME/);
  await untilFault(`redis://${replica}`, /^it is a replica/);
});

test('a Redis that is part of a cluster is left, and why', async () => {
  await using server = await startRedis({ args: ['--cluster-enabled', 'yes'] });
  const client = open(server.url);
  await waitUntil('it is left', () => client.status === 'end');
  expect(faultOf(client)).toMatch(/^it is part of a cluster. Redis Cluster cannot be used/);
  await expect(client.ping()).rejects.toThrow('Connection is closed');
});
