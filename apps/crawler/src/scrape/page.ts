import type { DegradedToken, PageReason, ScrapedPage, ScrapeRequest } from '@xnai/contracts';
import type { EgressCounts } from '@xnai/egress';
import {
  assertNothingExposed,
  createFetcher,
  createRobots,
  FetchError,
  type FetchResponse,
  openEgress,
} from '@xnai/egress';
import { decodeText } from '@xnai/text';
import type { ChromiumSettings } from '../browser/launch-chromium.ts';
import { openRenderer } from '../browser/open-renderer.ts';
import { createPageFetcher } from '../browser/page-fetcher.ts';
import { readPage } from '../extract/read-page.ts';
import { assertAllowed, isPageFailure } from '../page-failure.ts';

/** The complete input of a scrape's process. */
export interface ScrapeJob {
  readonly request: ScrapeRequest;
  readonly userAgent: string;
  readonly allowedOrigins: readonly string[];
  readonly browser: ChromiumSettings | undefined;
  readonly workDir: string;
}

export type ScrapeEnd = { readonly egress: EgressCounts } & (
  | { readonly type: 'page'; readonly page: ScrapedPage }
  /** The page needed a browser, and that did not start. */
  | { readonly type: 'no-browser' }
  | ScrapeFailure
);

/** The error of the page, without its class, which does not cross processes. */
export interface ScrapeFailure {
  readonly type: 'failed';
  readonly reason: PageReason;
  readonly message: string;
  readonly retryable: boolean;
  readonly status?: number | undefined;
}

/** Fetches one page as a crawl does: with robots.txt, through the egress proxy, in a browser where one is needed. */
export async function scrapePage(job: ScrapeJob): Promise<ScrapeEnd> {
  const startMs = performance.now();
  await using egress = await openEgress(job);
  assertNothingExposed();
  const degraded = new Set<DegradedToken>();
  try {
    const { request } = job;
    const { response, isRendered } = await fetchPage(job, egress, degraded);
    const page = toPage(request, response);
    const ms = Math.round(performance.now() - startMs);
    const scraped = { ...page, rendered: isRendered, ms, degraded: [...degraded] };
    return { type: 'page', page: scraped, egress: egress.counts() };
  } catch (error) {
    if (!isPageFailure(error)) throw error;
    if (error.code === 'render-failed' && degraded.has('browser'))
      return { type: 'no-browser', egress: egress.counts() };
    const { code: reason, message, retryable, status } = error;
    return { type: 'failed', reason, message, retryable, status, egress: egress.counts() };
  }
}

async function fetchPage(
  { request, browser, userAgent, allowedOrigins, workDir }: ScrapeJob,
  egress: Awaited<ReturnType<typeof openEgress>>,
  degraded: Set<DegradedToken>,
): Promise<{ response: FetchResponse; isRendered: boolean }> {
  await using fetcher = createFetcher({ userAgent, allowedOrigins, egress });
  await using renderer =
    browser === undefined ? undefined : openRenderer({ settings: browser, egress, workDir, userAgent });
  const robots = createRobots({ fetcher });
  const checkRobots = async (url: string) => assertAllowed(await robots.check(url), url);
  const pages = createPageFetcher({
    fetcher,
    renderer,
    render: request.render,
    onDegraded: async (token) => void degraded.add(token),
  });
  await checkRobots(request.url);
  const response = await pages.fetch(request.url, { checkRedirect: ({ href }) => checkRobots(href) });
  if (response.status >= 400) throw new FetchError('http-error', { status: response.status });
  return { response, isRendered: response.isRendered === true };
}

function toPage({ formats }: ScrapeRequest, response: FetchResponse) {
  const { url, contentType, charset, body } = response;
  const { document, title, links } = readPage(
    { url, body, mime: contentType, charset },
    { marks: 'markdown' },
  );
  return {
    url,
    httpStatus: response.status,
    title,
    trust: 'web' as const,
    ...(formats.includes('markdown') ? { markdown: document.text } : {}),
    ...(formats.includes('html') ? { html: decodeText(body, charset) } : {}),
    ...(formats.includes('links') ? { links: [...links] } : {}),
  };
}
