import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Crawl } from '@xnai/contracts';
import { expect, test, vi } from 'vitest';
import { startTestStack } from '../testing/test-stack.ts';
import { findChromium } from './find-chromium.ts';
import { processesOf } from './kill-processes-of.ts';

const executable = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
const PAGES = 500;
const KILL_BROWSER_AT = 150;
const KILL_CRAWL_AT = 300;

test.skipIf(executable === undefined)(
  'after 500 pages, a kill of the browser and one of the crawl, nothing is left, and memory stays flat',
  async () => {
    await using stack = await startTestStack({
      isForked: true,
      // Nothing here is about replicas: a busy machine must not look like one that is gone.
      variables: { CRAWL_CHROMIUM: executable ?? '', CRAWL_LOCK: '60s' },
    });
    const { crawler, site } = stack;
    await crawler.untilReady('browser');
    let asked = 0;
    for (let page = 0; page < PAGES; page += 1) {
      site.pages[`/app/${page}`] = { headers: { 'content-type': 'text/html' }, body: SHELL };
      site.pages[`/api/app/${page}`] = (_request, response) => {
        asked += 1;
        response.end(textOf(page));
      };
    }
    const url = `${site.origin}/app/0`;
    const id = await crawler.submit({ url, crawlEntireDomain: true, sitemap: 'skip', limit: PAGES });
    // Each run of a crawl has a folder of its own, whose name begins so.
    const workDir = join(crawler.workDir, id);
    const processes = () =>
      readdirSync(crawler.workDir)
        .filter((name) => name.startsWith(id))
        .flatMap((name) => processesOf(join(crawler.workDir, name)))
        .map(({ pid }) => pid);
    const ourMb = process.memoryUsage.rss() / 1024 ** 2;
    const samples: Sample[] = [];
    const sampling = setInterval(() => samples.push(sample({ pids: processes(), workDir, asked })), 1000);

    for (const [count, isVictim] of [
      [KILL_BROWSER_AT, isBrowser],
      [KILL_CRAWL_AT, isCrawl],
    ] as const) {
      await vi.waitUntil(async () => asked >= count || hasEnded(await crawler.crawl(id)), {
        timeout: 1_200_000,
        interval: 50,
      });
      const victims = processes().filter((pid) => isVictim(commandOf(pid)));
      expect(victims).toHaveLength(1);
      for (const pid of victims) process.kill(pid, 'SIGKILL');
    }
    const crawl = await crawler.finish(id);
    clearInterval(sampling);

    const [early, late] = [mostIn(samples, 100, KILL_BROWSER_AT), mostIn(samples, 400, PAGES)];
    const grewMb = process.memoryUsage.rss() / 1024 ** 2 - ourMb;
    process.stderr.write(`${JSON.stringify({ counters: crawl.counters, early, late, grewMb })}\n`);
    // A page that was under way when its browser was killed is tried again.
    expect(crawl.counters).toMatchObject({ indexed: PAGES, failed: 0 });
    expect(late.crawlMb).toBeLessThan(early.crawlMb * 1.5);
    expect(late.allMb).toBeLessThan(early.allMb * 1.5);
    expect(grewMb).toBeLessThan(200);
    expect(processesOf(crawler.workDir)).toEqual([]);
    expect(chromiumsOf(crawler.workDir)).toEqual([]);
    expect(readdirSync(crawler.workDir)).toEqual(['compile-cache']);
  },
);

const hasEnded = ({ finishedAt }: Crawl) => finishedAt !== null;

interface Sample {
  readonly asked: number;
  /** Of the crawl's own process. */
  readonly crawlMb: number;
  /** Of it and all of its browser's, with what they share counted once. */
  readonly allMb: number;
}

interface Seen {
  readonly pids: readonly number[];
  readonly workDir: string;
  readonly asked: number;
}

function sample({ pids, workDir, asked }: Seen): Sample {
  const all = new Set([...pids, ...chromiumsOf(workDir)]);
  const crawl = pids.filter((pid) => isCrawl(commandOf(pid)));
  return { asked, crawlMb: sumMb(crawl), allMb: sumMb([...all]) };
}

function mostIn(samples: readonly Sample[], from: number, to: number): Omit<Sample, 'asked'> {
  const within = samples.filter(({ asked }) => asked >= from && asked <= to);
  const most = (figure: (sample: Sample) => number) => Math.round(Math.max(...within.map(figure)));
  return { crawlMb: most(({ crawlMb }) => crawlMb), allMb: most(({ allMb }) => allMb) };
}

function sumMb(pids: readonly number[]): number {
  const bytes = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(read(pid, 'smaps_rollup'))?.[1] ?? 0) * 1024);
  return bytes.reduce((sum, one) => sum + one, 0) / 1024 ** 2;
}

/** Renderers show no environment, but their command line names the profile of their browser. */
function chromiumsOf(workDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandOf(pid).includes(workDir));
}

const isBrowser = (command: string) => command.includes('--headless') && !command.includes('--type=');
const isCrawl = (command: string) => command.includes('crawl/main.ts');
const commandOf = (pid: number) => read(pid, 'cmdline');

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** Each page leads to ten more, and holds enough for a leak of one to show. */
const SHELL = `<!doctype html><title>App</title><div id="root"></div><script>
fetch('/api' + location.pathname).then((answer) => answer.text()).then((html) => {
  window.kept = 'x'.repeat(2_000_000);
  document.getElementById('root').innerHTML = html;
});</script>`;

function textOf(page: number): string {
  const links = Array.from({ length: 10 }, (_, index) => page * 10 + index + 1)
    .filter((target) => target < PAGES)
    .map((target) => `<a href="/app/${target}">${target}</a>`);
  return `<main><h1>Page ${page}</h1><p>This is the text of page ${page}, and it is like no other. ${links.join(' ')}</p></main>`;
}
