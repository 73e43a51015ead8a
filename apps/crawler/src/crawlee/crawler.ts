import {
  BasicCrawler,
  type BasicCrawlerOptions,
  type BasicCrawlingContext,
  type Configuration,
  NonRetryableError,
  type Request,
  RetryRequestError,
} from '@crawlee/basic';
import type { Frontier } from '../frontier/frontier.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';
import { createConfiguration, LIMITS, SWITCHED_OFF } from './configuration.ts';
import { FrontierRequests, type PageData } from './frontier-requests.ts';

/** What to do about an error: `retry` counts as one of the retries of a page, `retry-uncounted` does not. */
export type ErrorDecision =
  | { readonly kind: 'retry' | 'retry-uncounted'; readonly atMs: number }
  | { readonly kind: 'give-up' | 'stop' };

export interface CrawlPagesOptions {
  readonly frontier: Frontier;
  /** The page to fetch now; undefined when there is none at the moment. */
  readonly nextPage: () => Promise<FrontierPage | undefined>;
  /** Fetches a page and records its outcome. */
  readonly visit: (page: FrontierPage) => Promise<void>;
  readonly decide: (page: FrontierPage, error: unknown) => ErrorDecision;
  /** Called with the last error of a page that is not tried again. */
  readonly giveUp: (page: FrontierPage, error: unknown) => Promise<void>;
  /** Called with the error that ends the crawl; aborts `signal`. */
  readonly stop: (error: unknown) => void;
  readonly maxConcurrency: number;
  readonly memoryMb: number;
  readonly signal: AbortSignal;
}

/**
 * Visits pages in parallel, as many as CPU, memory and event loop allow, until the frontier is done. No visit is under
 * way any more when this returns.
 *
 * @throws the reason of the signal
 */
export async function crawlPages(options: CrawlPagesOptions): Promise<void> {
  const { signal, maxConcurrency } = options;
  signal.throwIfAborted();
  using requests = new FrontierRequests(options);
  const crawler = new PageCrawler(
    requests,
    {
      ...SWITCHED_OFF,
      ...LIMITS,
      minConcurrency: Math.min(maxConcurrency, LIMITS.minConcurrency),
      maxConcurrency,
      requestHandler: ({ request }) => handle(request, options),
      failedRequestHandler: async ({ request }, error) => {
        if (signal.aborted) return;
        await options.giveUp(request.userData.page, error.cause ?? error).catch(options.stop);
      },
    },
    createConfiguration(options.memoryMb),
  );
  const wake = () => void crawler.autoscaledPool?.notify();
  requests.onReady = wake;
  signal.addEventListener('abort', wake, { once: true });
  await crawler.run();
  signal.throwIfAborted();
}

type PageContext = BasicCrawlingContext<PageData>;

/** Crawlee's own check of options refuses `requestManager`, which a subclass may set. */
class PageCrawler extends BasicCrawler<PageContext> {
  constructor(
    requests: FrontierRequests,
    options: BasicCrawlerOptions<PageContext>,
    configuration: Configuration,
  ) {
    super(options, configuration);
    this.requestManager = requests;
  }
}

async function handle(request: Request<PageData>, options: CrawlPagesOptions): Promise<void> {
  const { page } = request.userData;
  try {
    await options.visit(page);
  } catch (error) {
    const decision = options.decide(page, error);
    if (decision.kind === 'stop') options.stop(error);
    throw crawleeErrorOf(request, decision, error);
  }
}

/** The error by which Crawlee carries out a decision. */
function crawleeErrorOf(request: Request<PageData>, decision: ErrorDecision, cause: unknown): Error {
  if (!('atMs' in decision)) {
    return new NonRetryableError('the page is given up', { cause });
  }
  request.userData.retryAtMs = decision.atMs;
  if (decision.kind === 'retry') return new Error('the page is tried again', { cause });
  // Crawlee adds one for each retry.
  request.retryCount -= 1;
  return new RetryRequestError('the page is tried again, uncounted');
}
