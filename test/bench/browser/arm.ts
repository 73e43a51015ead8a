import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Configuration, log, PlaywrightCrawler } from '@crawlee/playwright';
import { createPageFetcher, FLAGS, findChromium, openRenderer, processesOf } from '@xnai/crawler/browser';
import { createFetcher, openEgress } from '@xnai/egress';
import type { Page } from 'playwright';

// A process of its own: `node arm.ts ours|raw ORIGIN PAGES CONCURRENCY`. Tells the parent what the pages cost.
const [side, origin = '', pages, concurrency] = process.argv.slice(2);
const urls = Array.from({ length: Number(pages) }, (_, index) => `${origin}/page-${index}`);
const atOnce = Number(concurrency);
const home = mkdtempSync(join(tmpdir(), 'xnai-bench-browser-'));
const executable = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
if (executable === undefined) throw new Error('this bench needs a Chromium');
const isSandboxed = process.getuid?.() !== 0;
let good = 0;
const look = (html: string) => {
  if (html.includes('<main><h1>')) good += 1;
};

let peakBytes = 0;
const sampling = setInterval(() => {
  peakBytes = Math.max(peakBytes, memoryOf());
}, 250);
const startedMs = performance.now();
await (side === 'ours' ? runOurs(executable) : runRaw(executable));
const seconds = (performance.now() - startedMs) / 1000;
clearInterval(sampling);
rmSync(home, { recursive: true, force: true, maxRetries: 5 });
process.send?.({ pages: good, seconds, cpuSeconds: cpuSeconds(), peakMb: peakBytes / 1024 ** 2 });
process.disconnect?.();

async function runOurs(chromium: string): Promise<void> {
  const allowedOrigins = [origin];
  await using egress = await openEgress({ allowedOrigins });
  await using fetcher = createFetcher({ userAgent: 'bench', allowedOrigins, egress });
  await using renderer = openRenderer({
    settings: { executable: chromium, isSandboxed },
    egress,
    workDir: home,
    userAgent: 'bench',
    caps: { pagesAtOnce: atOnce },
  });
  const fetchPage = createPageFetcher({ fetcher, renderer, render: 'always' }).fetch;
  const waiting = [...urls];
  const work = async () => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      look((await fetchPage(url)).body.toString());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Crawlee as our crawler would have it: the same browser, switches, contexts, blocked types and time to settle. */
async function runRaw(chromium: string): Promise<void> {
  log.setLevel(log.LEVELS.OFF);
  const unwanted = new Set(['image', 'media', 'font', 'texttrack', 'ping', 'cspviolationreport', 'manifest']);
  const quiet = new WeakMap<Page, () => boolean>();
  const crawler = new PlaywrightCrawler(
    {
      minConcurrency: atOnce,
      maxConcurrency: atOnce,
      useSessionPool: false,
      persistCookiesPerSession: false,
      retryOnBlocked: false,
      browserPoolOptions: { useFingerprints: false, retireBrowserAfterPageCount: 100 },
      launchContext: {
        useIncognitoPages: true,
        launchOptions: {
          executablePath: chromium,
          chromiumSandbox: isSandboxed,
          args: [...FLAGS],
          ignoreDefaultArgs: ['--disable-popup-blocking'],
          env: { PATH: '/usr/bin:/bin', HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
        },
      },
      preNavigationHooks: [
        async ({ page }, gotoOptions) => {
          gotoOptions.waitUntil = 'load';
          quiet.set(page, watchQuiet(page));
          await page.route('**/*', (route) =>
            unwanted.has(route.request().resourceType()) ? route.abort() : route.continue(),
          );
        },
      ],
      requestHandler: async ({ page }) => {
        const isQuiet = quiet.get(page);
        do {
          while (isQuiet?.() === false) await new Promise((done) => setTimeout(done, 25));
          await page.evaluate(
            'new Promise((done) => setTimeout(() => requestIdleCallback(done, { timeout: 300 })))',
          );
        } while (isQuiet?.() === false);
        look(await page.content());
      },
    },
    new Configuration({ persistStorage: false, purgeOnStart: false }),
  );
  await crawler.run(urls);
  await crawler.teardown();
}

/** As the renderer has it: nothing under way, and nothing new for a while. */
function watchQuiet(page: Page): () => boolean {
  const inFlight = new Set<unknown>();
  let lastMs = performance.now();
  const note = (change: () => void) => {
    change();
    lastMs = performance.now();
  };
  page.on('request', (request) => note(() => inFlight.add(request)));
  for (const event of ['requestfinished', 'requestfailed'] as const) {
    page.on(event as 'requestfinished', (request) => note(() => inFlight.delete(request)));
  }
  return () => inFlight.size === 0 && performance.now() - lastMs > 150;
}

/** Shared memory counted once: this process and every one of the browser. */
function memoryOf(): number {
  const groups = new Set(processesOf(home).map(({ group }) => group));
  const pids = [process.pid, ...pidsOf(groups)];
  return pids.reduce((sum, pid) => sum + proportionalBytes(pid), 0);
}

function pidsOf(groups: ReadonlySet<number>): number[] {
  return [...groups].flatMap((group) => {
    const children = (pid: number): number[] => {
      try {
        const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
        const own = list === '' ? [] : list.split(' ').map(Number);
        return [pid, ...own.flatMap(children)];
      } catch {
        return [];
      }
    };
    return children(group);
  });
}

function proportionalBytes(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Of this process and of all that it started and that has ended. */
function cpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / 100;
}
