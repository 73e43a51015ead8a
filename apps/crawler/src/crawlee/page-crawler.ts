import {
  type BaseHttpClient,
  BasicCrawler,
  Configuration,
  type Dictionary,
  type IRequestManager,
  log,
  NonRetryableError,
  Request,
  type RequestQueue,
  RetryRequestError,
} from '@crawlee/cheerio';
import type { FrontierPage } from '../frontier/frontier-page.ts';
import { LoadEvents } from './load-events.ts';

/** Where pages come from. */
export interface PageSource {
  /** The next page that is to be fetched now; undefined when there is none at the moment. */
  next(): Promise<FrontierPage | undefined>;
  hasNext(): boolean;
  isDone(): boolean;
  /** Takes back a page that is to be tried again, not before `atMs`. */
  retry(page: FrontierPage, atMs: number): void;
  /** Gives a function to call when a page has become ready by itself. */
  onReady(notify: () => void): void;
}

/**
 * What to do about an error of a fetch or a visit. `retry` counts as one of `maxRetries`, `again` does not;
 * `stop` ends the crawl with this error.
 */
export type Judgement =
  | { readonly kind: 'retry' | 'again'; readonly atMs: number }
  | { readonly kind: 'give-up' | 'stop' };

export interface CrawlPagesOptions {
  readonly source: PageSource;
  readonly httpClient: BaseHttpClient;
  /** Called with each page once it is fetched. */
  visit(page: FrontierPage): Promise<void>;
  judge(page: FrontierPage, error: unknown): Judgement;
  /** Called when a page is given up. */
  fail(page: FrontierPage, error: unknown): Promise<void>;
  readonly maxConcurrency: number;
  readonly maxRetries: number;
  readonly memoryMb: number;
  readonly signal: AbortSignal;
}

/** A page's own limits end it long before; but Redis and rag may be waited for. */
const HANDLER_TIMEOUT_S = 86_400;

/**
 * Fetches pages side by side, as many as memory, CPU and event loop allow, until the source is done.
 * @throws the error that was judged `stop`, or the signal's reason
 */
export async function crawlPages(options: CrawlPagesOptions): Promise<void> {
  const { source, signal } = options;
  signal.throwIfAborted();
  log.setLevel(log.LEVELS.OFF);
  const underWay: UnderWay = new Map();
  const stopped = new AbortController();
  const end = AbortSignal.any([signal, stopped.signal]);

  async function attempt(entry: Entry, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const judgement = options.judge(entry.page, error);
      if (judgement.kind === 'stop') stopped.abort(error);
      throw toCrawleeError(entry, judgement, error);
    }
  }

  const manager = createRequestManager(source, underWay, stopped, end);
  // Not the `HttpCrawler`: it would parse types, cookies and charsets that our fetcher has settled already.
  const crawler = new BasicCrawler(
    {
      ...CRAWLER_OPTIONS,
      // Its `requestManager` option is the documented one, and refused by Crawlee's own check of options.
      requestQueue: manager as unknown as RequestQueue,
      httpClient: options.httpClient,
      requestHandler: async ({ request, sendRequest }) => {
        const entry = entryOf(underWay, request.url);
        await attempt(entry, async () => {
          await sendRequest({ responseType: 'buffer' });
          await options.visit(entry.page);
        });
        underWay.delete(request.url);
      },
      failedRequestHandler: async ({ request }, error) => {
        const { page } = entryOf(underWay, request.url);
        underWay.delete(request.url);
        if (stopped.signal.aborted) return;
        await options.fail(page, error.cause ?? error).catch((fault) => stopped.abort(fault));
      },
      maxConcurrency: options.maxConcurrency,
      minConcurrency: Math.min(options.maxConcurrency, MIN_CONCURRENCY),
      maxRequestRetries: options.maxRetries,
    },
    createConfiguration(options.memoryMb),
  );

  const abort = () => {
    // A pool that is aborted before it runs never ends; that it runs shows in its asking for pages.
    if (manager.isAsked) void crawler.autoscaledPool?.abort();
  };
  end.addEventListener('abort', abort, { once: true });
  source.onReady(() => void crawler.autoscaledPool?.notify());
  await crawler.run();
  end.throwIfAborted();
}

/** A machine that is busy, be it with what this crawl brings, makes a crawl slower; it does not all but stop it. */
const MIN_CONCURRENCY = 4;

const CRAWLER_OPTIONS = {
  requestHandlerTimeoutSecs: HANDLER_TIMEOUT_S,
  retryOnBlocked: false,
  useSessionPool: false,
  respectRobotsTxtFile: false,
  // As Crawlee sets it for crawling over HTTP.
  autoscaledPoolOptions: {
    desiredConcurrency: 10,
    snapshotterOptions: { eventLoopSnapshotIntervalSecs: 2, maxBlockedMillis: 100 },
    systemStatusOptions: { maxEventLoopOverloadedRatio: 0.7 },
  },
  statisticsOptions: { persistenceOptions: { enable: false }, saveErrorSnapshots: false },
};

/** One per crawl, in memory only: Crawlee's global one would be shared, and written to disk. */
function createConfiguration(memoryMb: number): Configuration {
  const config = new Configuration({
    persistStorage: false,
    purgeOnStart: false,
    memoryMbytes: memoryMb,
    containerized: false,
  });
  config.useEventManager(new LoadEvents(config, memoryMb * 1024 ** 2));
  return config;
}

interface Entry {
  readonly page: FrontierPage;
  judgement: Judgement | undefined;
}

/** The pages that Crawlee has, by URL. */
type UnderWay = Map<string, Entry>;

function entryOf(underWay: UnderWay, url: string): Entry {
  const entry = underWay.get(url);
  if (entry === undefined) throw new Error('Crawlee asked about a page that it was not given');
  return entry;
}

/** The error that makes Crawlee do what was judged. */
function toCrawleeError(entry: Entry, judgement: Judgement, cause: unknown): Error {
  entry.judgement = judgement;
  if (judgement.kind === 'retry') return new Error('to be tried again', { cause });
  if (judgement.kind === 'again') return new RetryRequestError();
  return Object.assign(new NonRetryableError('given up'), { cause });
}

function createRequestManager(
  source: PageSource,
  underWay: UnderWay,
  stopped: AbortController,
  end: AbortSignal,
): IRequestManager & { readonly isAsked: boolean } {
  let handled = 0;
  let isAsked = false;
  const refuse = () => Promise.reject(new Error('pages come from the frontier only'));

  async function fetchNextRequest<T extends Dictionary = Dictionary>(): Promise<Request<T> | null> {
    // Crawlee would ask again and again after an error.
    const page = await source.next().catch((error: unknown) => void stopped.abort(error));
    if (!page) return null;
    underWay.set(page.url, { page, judgement: undefined });
    const request = new Request<T>({ url: page.url, uniqueKey: page.url });
    request.retryCount = page.retries;
    return request;
  }

  return {
    // Crawlee may have been told to end before it had begun, and would not know.
    isFinished: async () => end.aborted || source.isDone(),
    async isEmpty() {
      isAsked = true;
      return end.aborted || !source.hasNext();
    },
    get isAsked() {
      return isAsked;
    },
    handledCount: async () => handled,
    getTotalCount: () => handled,
    getPendingCount: () => 0,
    fetchNextRequest,
    async *[Symbol.asyncIterator]() {},
    async markRequestHandled() {
      handled += 1;
    },
    async reclaimRequest(request) {
      const { page, judgement } = entryOf(underWay, request.url);
      underWay.delete(request.url);
      const retries = judgement?.kind === 'again' ? page.retries : page.retries + 1;
      source.retry({ ...page, retries }, judgement !== undefined && 'atMs' in judgement ? judgement.atMs : 0);
      return null;
    },
    addRequest: refuse,
    addRequestsBatched: refuse,
  };
}
