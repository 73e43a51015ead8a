import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyAudit } from '@xnai/ops/audit';
import { readSigningKey } from '@xnai/secrets';
import { startRedis, type TestRedis } from '@xnai/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRag, redisAt, type TestRag } from './testing/open-test-rag.ts';

const KEYS = 'xnai:cache:limit:*';
const LIMITS = { ask: 4, write: 1000, crawl: 0, keyless: 0 };

let folder: string;
let redis: TestRedis;
let replicas: readonly TestRag[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rag-replicas-'));
  redis = await startRedis();
  const audit = { folder: join(folder, 'audit'), keyFile: join(folder, 'audit-key') };
  replicas = await Promise.all(
    ['a', 'b'].map((replica) =>
      openTestRag({ replica, audit, redis: redisAt(redis.url), rateLimits: LIMITS }),
    ),
  );
});
afterAll(async () => {
  for (const replica of replicas ?? []) await replica[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const everywhere = <T>(call: (replica: TestRag) => Promise<T>) => Promise.all(replicas.map(call));
const ask = () => everywhere(async (replica) => (await replica.call('GET', '/v1/collections')).status);

test('replicas have one budget for a key, and one each while Redis is away', async () => {
  for (const replica of replicas) {
    // Until it is connected, a replica counts by itself.
    await expect
      .poll(
        async () => {
          await redis.client.flushall();
          await replica.put('a', 'a walrus');
          return await redis.client.keys(KEYS);
        },
        { timeout: 20_000 },
      )
      .toEqual([`${KEYS.slice(0, -1)}write test`]);
  }
  expect([await ask(), await ask(), await ask()]).toEqual([
    [200, 200],
    [200, 200],
    [429, 429],
  ]);
  expect(await redis.client.pttl(`${KEYS.slice(0, -1)}ask test`)).toBeGreaterThan(0);

  await redis.kill();
  for (let n = 0; n < 4; n++) expect(await ask()).toEqual([200, 200]);
  expect(await ask()).toEqual([429, 429]);
});

test('replicas record acts in one folder, each in a chain of its own that the other names', async () => {
  await everywhere((replica) => replica.put('a', 'a walrus'));
  const del = (replica: TestRag) => replica.call('DELETE', '/v1/collections/default/documents/a');
  expect((await everywhere(del)).map(({ status }) => status)).toEqual([204, 204]);
  await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
  replicas = [];
  const key = await readSigningKey(join(folder, 'audit-key'));
  const { chains, findings } = await verifyAudit(join(folder, 'audit'), { key: key as never });
  expect(findings).toEqual([]);
  expect(chains.map(({ writer }) => writer)).toEqual(['rag-a', 'rag-b']);
});
