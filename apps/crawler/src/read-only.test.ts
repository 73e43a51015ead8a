import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCrawlerProcess } from './testing/crawler-process.ts';
import { startFakeRag } from './testing/fake-rag.ts';
import { article, startFakeSite } from './testing/fake-site.ts';
import { startPrivateRedis } from './testing/private-redis.ts';

const workDir = join(mkdtempSync(join(tmpdir(), 'xnai-read-only-')), 'work');
/** Mounts everything read-only for the command, but a tmpfs of its own at the work folder. */
const READ_ONLY = [
  'mount --make-rprivate /',
  `mkdir -p ${workDir}`,
  `mount -t tmpfs -o size=256m,mode=0700 tmpfs ${workDir}`,
  'mount -o remount,ro,bind /dev/shm',
  'mount -o remount,ro,bind /',
].join(' && ');
const wrapper = ['unshare', '-m', 'sh', '-c', `${READ_ONLY} && exec "$@"`, 'sh'];
const [command = '', ...args] = wrapper;

const probe = spawnSync(command, [...args, 'touch', `${workDir}/in`]);
const outside = spawnSync(command, [...args, 'touch', join(tmpdir(), 'xnai-out')]);
const canMount = probe.status === 0 && outside.status !== 0;
if (!canMount) process.stderr.write('skipped: no right to mount, so no read-only file system to crawl on\n');

it.skipIf(!canMount)(
  'starts and crawls where it can write to its work folder and to nothing else',
  async () => {
    await using redis = await startPrivateRedis();
    await using rag = await startFakeRag();
    await using site = await startFakeSite({ '/': article('Home', ['/one']), '/one': article('One') });
    await using crawler = await startCrawlerProcess({
      wrapper,
      workDir,
      variables: { REDIS_URL: redis.url, CRAWL_RAG_URL: rag.url, CRAWL_ALLOWED_ORIGINS: site.origin },
    });
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip' });
    const crawl = await crawler.until(id, ({ finishedAt }) => finishedAt !== null);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: 2 } });
    rmSync(join(workDir, '..'), { recursive: true, force: true });
  },
);
