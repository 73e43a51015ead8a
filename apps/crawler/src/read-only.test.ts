import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { findChromium } from './browser/find-chromium.ts';
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

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
const NOBODY = '65534';
const AS_NOBODY = `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs "$@"`;

it.skipIf(!canMount || chromium === undefined)(
  'crawls and scrapes with a browser there, as a user without rights, in its sandbox where the kernel has one',
  async () => {
    const base = mkdtempSync(join(tmpdir(), 'xnai-nobody-'));
    chmodSync(base, 0o755);
    const own = join(base, 'work');
    await using redis = await startPrivateRedis();
    const socket = new URL(redis.url).pathname;
    chmodSync(dirname(socket), 0o755);
    chmodSync(socket, 0o777);
    await using rag = await startFakeRag();
    const shell =
      '<div id=root></div><script>root.innerHTML = "<h1>Rye</h1><p>Rye takes water and a night.</p>"</script>';
    await using site = await startFakeSite({ '/': shell });
    const mounts = READ_ONLY.replaceAll(workDir, own);
    await using crawler = await startCrawlerProcess({
      wrapper: [
        'unshare',
        '-m',
        'sh',
        '-c',
        `${mounts} && chown ${NOBODY}:${NOBODY} ${own} && ${AS_NOBODY}`,
        'sh',
      ],
      workDir: own,
      variables: {
        REDIS_URL: redis.url,
        CRAWL_RAG_URL: rag.url,
        CRAWL_ALLOWED_ORIGINS: site.origin,
        CRAWL_CHROMIUM: chromium ?? '',
        CRAWL_WORK_DIR_ANYWHERE: 'false',
      },
    });
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', render: 'always' });
    const crawl = await crawler.until(id, ({ finishedAt }) => finishedAt !== null);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: 1 } });
    const body = JSON.stringify({ url: `${site.origin}/`, render: 'always' });
    const scraped = (await (await crawler.fetch('/v1/scrape', { method: 'POST', body })).json()) as object;
    expect(scraped).toMatchObject({ rendered: true, markdown: expect.stringContaining('Rye takes water') });
    expect(scraped).toMatchObject({ degraded: crawl.degraded });
    rmSync(base, { recursive: true, force: true });
  },
  60_000,
);
