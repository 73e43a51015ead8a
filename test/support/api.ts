import type { Crawl } from '@xnai/contracts';
import { createCrawlClient, createRagClient } from '@xnai/contracts/client';
import { waitUntil } from '@xnai/testing';

export interface ApiOptions {
  readonly ragUrl: string;
  readonly crawlerUrl: string;
  readonly key: string;
}

export const CRAWL_MS = 120_000;
/** Well below the 600 requests a minute that a key has. */
export const CRAWL_POLL_MS = 250;

/** The HTTP API of both services. */
export function createApi({ ragUrl, crawlerUrl, key }: ApiOptions) {
  const rag = createRagClient({ baseUrl: ragUrl, key });
  const crawler = createCrawlClient({ baseUrl: crawlerUrl, key });
  return {
    rag,
    crawler,
    /** Text in the format of Prometheus. */
    async metrics(url: string): Promise<string> {
      const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
      return response.text();
    },
    /** The crawl after its end, whatever that is. */
    async endedCrawl(id: string, timeoutMs = CRAWL_MS): Promise<Crawl> {
      let last = await crawler.getCrawl(id);
      return waitUntil(
        'the crawl has ended',
        async () => {
          if (last.finishedAt === null) last = await crawler.getCrawl(id);
          return last.finishedAt === null ? undefined : last;
        },
        {
          timeoutMs,
          pollMs: CRAWL_POLL_MS,
          describe: () => `; last seen: ${JSON.stringify(last)}`,
        },
      );
    },
  };
}

export type Api = ReturnType<typeof createApi>;
