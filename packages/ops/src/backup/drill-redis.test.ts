import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '@xnai/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { checkRedis } from './drill-redis.ts';

const signal = AbortSignal.timeout(60_000);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xnai-drill-test-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** The data of a Redis with an ended crawl, an open one, and one whose record has reached its end of days. */
async function keepCrawls(change: Readonly<Record<string, string>> = {}): Promise<void> {
  await using redis = await startRedis({ args: ['--appendonly', 'yes', '--dir', folder] });
  const { client } = redis;
  await client.zadd('xnai:crawl:index', 1, 'ended', 2, 'open', 0, 'forgotten');
  await client.sadd('xnai:crawl:active', 'open');
  const record = { url: 'http://a.test/', collection: 'default' };
  await client.hset('xnai:crawl:job:ended', { ...record, status: 'completed' });
  await client.hset('xnai:crawl:job:open', { ...record, status: 'running', ...change });
  await client.lpush('{xnai:crawl}:crawls:active', 'open');
}

it('counts the crawls of a backup, and says when their records cannot be read', async () => {
  await keepCrawls();
  expect(await checkRedis(folder, signal)).toEqual([
    {
      name: 'redis',
      isPassed: true,
      detail: '2 crawls, 1 of them open, 1 in the queue, 0 pages wait for rag',
    },
  ]);
  await keepCrawls({ status: 'lost' });
  expect(await checkRedis(folder, signal)).toMatchObject([
    { isPassed: false, detail: 'crawls without a readable record: open' },
  ]);
});

it('fails with data that no Redis loads', async () => {
  await keepCrawls();
  const files = await readdir(folder, { recursive: true });
  const part = files.find((name) => name.endsWith('.base.rdb')) ?? '';
  await truncate(join(folder, part), 20);
  expect(await checkRedis(folder, signal)).toMatchObject([
    { isPassed: false, detail: expect.stringMatching(/does not start on the backup: exit code 1/) },
  ]);
});

it('is silent without data of a Redis, and says where it could not be tried', async () => {
  expect(await checkRedis(join(folder, 'none'), signal)).toEqual([]);
  await writeFile(join(folder, 'x'), '');
  vi.stubEnv('PATH', '/nowhere');
  expect(await checkRedis(folder, signal)).toMatchObject([
    { isPassed: true, detail: expect.stringContaining('not tried') },
  ]);
});
