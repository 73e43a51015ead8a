import { CheerioCrawler, Configuration, log } from '@crawlee/cheerio';
import { readHtml } from '@xnai/text/html';

// A process of its own: `node raw-crawlee.ts URL LIMIT CONCURRENCY extract|plain`. Tells the parent how long the crawl
// took and how many pages it had. It keeps everything in memory and delivers nothing.
const [url = '', limit, concurrency, mode] = process.argv.slice(2);
log.setLevel(log.LEVELS.OFF);
let pages = 0;
let characters = 0;
const crawler = new CheerioCrawler(
  {
    maxRequestsPerCrawl: Number(limit),
    maxConcurrency: Number(concurrency),
    requestHandlerTimeoutSecs: 60,
    // As our crawler sets it: nothing of this is needed on a site that answers.
    useSessionPool: false,
    persistCookiesPerSession: false,
    retryOnBlocked: false,
    requestHandler: async ({ request, body, enqueueLinks }) => {
      if (mode === 'extract') {
        const { document, links } = readHtml(String(body), { url: request.loadedUrl });
        characters += document.text.length;
        await enqueueLinks({ urls: links.map((link) => link.url), strategy: 'same-hostname' });
      } else await enqueueLinks({ strategy: 'same-hostname' });
      pages += 1;
    },
  },
  new Configuration({ persistStorage: false, purgeOnStart: false }),
);
const startedMs = performance.now();
const startedCpu = process.cpuUsage();
await crawler.run([url]);
const { user, system } = process.cpuUsage(startedCpu);
const seconds = (performance.now() - startedMs) / 1000;
process.send?.({ pages, characters, seconds, cpuMs: { crawlee: (user + system) / 1000 } });
process.disconnect?.();
