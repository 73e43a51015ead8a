import {
  Collection,
  Crawl,
  CrawlAccepted,
  type CrawlRequest,
  DocumentList,
  PageErrorList,
  QueryResponse,
  Readiness,
  ScrapedPage,
  type ScrapeRequest,
  SearchResponse,
} from '@xnai/contracts';
import { waitUntil } from '@xnai/testing';

export interface ApiOptions {
  readonly ragUrl: string;
  readonly crawlerUrl: string;
  readonly key: string;
}

interface Schema<T> {
  parse(value: unknown): T;
}

const ENDED = ['completed', 'completed_with_errors', 'cancelled', 'failed'];
const CRAWL_MS = 120_000;
/** Well below the 600 requests a minute that a key has. */
export const CRAWL_POLL_MS = 250;

/** The HTTP API as a client uses it; each answer must fit its published schema. */
export function createApi({ ragUrl, crawlerUrl, key }: ApiOptions) {
  async function send(url: string, method = 'GET', body?: unknown): Promise<Response> {
    return fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function read<T>(schema: Schema<T>, url: string, method?: string, body?: unknown): Promise<T> {
    const response = await send(url, method, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method ?? 'GET'} ${url}: ${response.status} ${text}`);
    return schema.parse(JSON.parse(text));
  }

  const crawlUrl = (id: string) => `${crawlerUrl}/v1/crawls/${id}`;

  return {
    send: (path: `/rag/${string}` | `/crawler/${string}`, method?: string, body?: unknown) =>
      send(path.replace(/^\/rag(?=\/)/, ragUrl).replace(/^\/crawler(?=\/)/, crawlerUrl), method, body),
    readiness: async (service: 'rag' | 'crawler') => {
      const response = await send(`${service === 'rag' ? ragUrl : crawlerUrl}/readyz`);
      return Readiness.parse(await response.json());
    },
    submitCrawl: (request: Partial<CrawlRequest> & { url: string }) =>
      read(CrawlAccepted, `${crawlerUrl}/v1/crawls`, 'POST', request),
    crawl: (id: string) => read(Crawl, crawlUrl(id)),
    crawlErrors: (id: string) => read(PageErrorList, `${crawlUrl(id)}/errors`),
    scrape: (request: Partial<ScrapeRequest> & { url: string }) =>
      read(ScrapedPage, `${crawlerUrl}/v1/scrape`, 'POST', request),
    cancelCrawl: (id: string) => send(crawlUrl(id), 'DELETE'),
    /** The crawl once it has ended, however it has. */
    async endedCrawl(id: string, timeoutMs = CRAWL_MS): Promise<Crawl> {
      let last = await read(Crawl, crawlUrl(id));
      return waitUntil(
        'the crawl has ended',
        async () => {
          if (!ENDED.includes(last.status)) last = await read(Crawl, crawlUrl(id));
          return ENDED.includes(last.status) ? last : undefined;
        },
        {
          timeoutMs,
          pollMs: CRAWL_POLL_MS,
          describe: () => `; last seen: ${JSON.stringify(last)}`,
        },
      );
    },
    collection: (name = 'default') => read(Collection, `${ragUrl}/v1/collections/${name}`),
    documents: (name = 'default') =>
      read(DocumentList, `${ragUrl}/v1/collections/${name}/documents?limit=100`),
    search: (query: string, more: object = {}) =>
      read(SearchResponse, `${ragUrl}/v1/search`, 'POST', { query, ...more }),
    ask: (query: string, more: object = {}) =>
      read(QueryResponse, `${ragUrl}/v1/query`, 'POST', { query, ...more }),
  };
}

export type Api = ReturnType<typeof createApi>;
