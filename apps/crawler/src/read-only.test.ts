import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { article, startRedis, startSite, type TestRedis, type TestSite } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from './browser/find-chromium.ts';
import { type CrawlerProcess, startCrawlerProcess } from './testing/crawler-process.ts';
import { type FakeRag, startFakeRag } from './testing/fake-rag.ts';

const base = mkdtempSync(join(tmpdir(), 'xnai-read-only-'));
chmodSync(base, 0o755);
const workDir = join(base, 'work');
/** Of strace, which is outside of what it watches. */
const trace = join(base, 'trace/of');
const NOBODY = '65534';
/**
 * Every mount read-only for the command, but a tmpfs of its own at the work folder, which belongs to a user without
 * rights: it is that user who runs the command.
 */
const MOUNTS = [
  'mount --make-rprivate /',
  `mkdir -p ${workDir} ${dirname(trace)}`,
  `mount -t tmpfs -o size=256m,mode=0700,uid=${NOBODY},gid=${NOBODY} tmpfs ${workDir}`,
  `mount -t tmpfs -o size=512m tmpfs ${dirname(trace)}`,
  'for at in / /dev/shm /run /tmp /var/tmp; do mountpoint -q $at && mount -o remount,ro,bind $at; done; true',
].join(' && ');
const AS_NOBODY = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs "$@"`;
/** Whatever makes or changes a file by its name. */
const WRITES =
  'open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,truncate,chmod,fchmodat,chown,lchown,fchownat,utimensat,setxattr,bind';
const STRACE = `exec strace -D -f -ff -y --seccomp-bpf -z -qq -s 300 -e trace=${WRITES} -o ${trace}`;

const inside = (script: string) => ['unshare', '-m', 'sh', '-c', `${MOUNTS} && ${script}`, 'sh'];
const canDo = (script: string, ...args: string[]) => {
  const [command = '', ...rest] = inside(script);
  return spawnSync(command, [...rest, ...args]).status === 0;
};
const canMount = canDo(AS_NOBODY, 'touch', `${workDir}/in`);
const canTrace = canMount && canDo(`${STRACE} ${AS_NOBODY}`, 'touch', `${workDir}/in`);
if (!canMount) process.stderr.write('skipped: no right to mount, so no read-only file system to crawl on\n');
else if (!canTrace)
  process.stderr.write('skipped: no strace that may watch, so no list of what is written\n');

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');

describe.skipIf(!canMount)(
  'where nothing but the work folder can be written to',
  { timeout: 120_000 },
  () => {
    let redis: TestRedis;
    let rag: FakeRag;
    let site: TestSite;

    beforeAll(async () => {
      redis = await startRedis();
      const socket = new URL(redis.url).pathname;
      chmodSync(dirname(socket), 0o755);
      chmodSync(socket, 0o777);
      rag = await startFakeRag();
      const app =
        '<div id=root></div><script>localStorage.a = 1; root.innerHTML = "<h1>Rye</h1><p>Rye takes water and a night.</p>"</script>';
      site = await startSite({
        '/': article('Home', ['/one', '/app']),
        '/one': article('One'),
        '/app': app,
      });
    });

    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await rag?.[Symbol.asyncDispose]();
      await redis?.[Symbol.asyncDispose]();
      rmSync(base, { recursive: true, force: true });
    });

    function start(script: string): Promise<CrawlerProcess> {
      return startCrawlerProcess({
        wrapper: inside(script),
        workDir,
        variables: {
          PATH: process.env['PATH'] ?? '',
          REDIS_URL: redis.url,
          CRAWL_RAG_URL: rag.url,
          CRAWL_ALLOWED_ORIGINS: site.origin,
          CRAWL_CHROMIUM: chromium ?? '/nonexistent',
          CRAWL_WORK_DIR_ANYWHERE: 'false',
          // The record of acts, without which no crawl is taken.
          XNAI_DATA_DIR: workDir,
        },
      });
    }

    it('no user without rights can write anywhere else', () => {
      for (const folder of [tmpdir(), '/dev/shm', '/var/tmp', '/run', dirname(import.meta.filename)]) {
        expect([folder, canDo(AS_NOBODY, 'touch', join(folder, 'xnai-out'))]).toEqual([folder, false]);
      }
    });

    it('crawls and scrapes in both tiers, and writes to no other place', async () => {
      await using crawler = await start(canTrace ? `${STRACE} ${AS_NOBODY}` : `exec ${AS_NOBODY}`);
      const crawl = await crawlAll(crawler, site.origin);
      expect(crawl).toMatchObject({
        status: 'completed',
        counters: { indexed: chromium === undefined ? 2 : 3 },
      });
      if (chromium !== undefined) {
        const body = JSON.stringify({ url: `${site.origin}/app`, render: 'always' });
        const scraped = await (await crawler.fetch('/v1/scrape', { method: 'POST', body })).json();
        expect(scraped).toMatchObject({
          rendered: true,
          markdown: expect.stringContaining('Rye takes water'),
        });
        expect(scraped).toMatchObject({ degraded: crawl.degraded });
      }
      if (!canTrace) return;
      const written = readTrace(`/proc/${crawler.pid}/root${dirname(trace)}`).flatMap(pathsWritten);
      const isWithin = (path: string) => path.startsWith(`${workDir}/`);
      expect(written.filter(isWithin).length).toBeGreaterThan(chromium === undefined ? 1 : 100);
      expect([...new Set(written)].filter((path) => !isWithin(path))).toEqual([]);
    });
  },
);

async function crawlAll(crawler: CrawlerProcess, origin: string) {
  const id = await crawler.submit({ url: `${origin}/`, sitemap: 'skip' });
  return crawler.until(id, ({ finishedAt }) => finishedAt !== null);
}

/** Of every process there was, what it did to files by their names and was let. */
function readTrace(folder: string): string[] {
  const { stdout } = spawnSync('sh', ['-c', `cat ${folder}/*`], { encoding: 'utf8', maxBuffer: 1024 ** 3 });
  return stdout.split('\n');
}

/** No file of any disk: what the kernel is told, and what is nowhere. */
const NO_FILE = /^(\/proc\/|\/dev\/(null|tty)$|\/memfd:|pipe:|anon_inode:)/;
function pathsWritten(line: string): string[] {
  const [, call = ''] = /^(\w+)\(/.exec(line) ?? [];
  if (call === '') return [];
  if (call.startsWith('open') || call === 'creat') {
    const [, opened = ''] = /= \d+<([^>]*)>$/.exec(line) ?? [];
    const isChanged = call === 'creat' || /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line);
    return isChanged ? kept([opened]) : [];
  }
  // A socket of no file has no name, or one that begins with `@`.
  if (call === 'bind') return kept([/sun_path="([^"]+)"/.exec(line)?.[1] ?? '']);
  const [, folder = workDir] = /^\w+\((?:\d+|AT_FDCWD)<([^>]*)>/.exec(line) ?? [];
  const named = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) =>
    path.startsWith('/') ? path : join(folder, path),
  );
  // Where a symbolic link points to is not written to by making it.
  return kept(call.startsWith('symlink') ? named.slice(1) : named);
}

function kept(paths: readonly string[]): string[] {
  // Every process that writes has a folder in the work folder as its working directory.
  const named = paths.map((path) => path.replace(/ \(deleted\)$/, '')).filter((path) => path !== '');
  return named.map((path) => resolve(workDir, path)).filter((path) => !NO_FILE.test(path));
}
