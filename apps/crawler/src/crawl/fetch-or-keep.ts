import type { FetchResponse } from '@xnai/egress';
import type { FrontierPage } from '../frontier/host-queue.ts';
import { fetchPage } from './fetch.ts';
import { conditionOf, isUnchangedBySitemap, type KnownPage } from './known-pages.ts';
import type { CrawlRun } from './run.ts';

export type Fetched =
  | { readonly kind: 'page'; readonly response: FetchResponse }
  /** It is as an earlier crawl left it. `ms` is 0 and `httpStatus` null when it was not requested at all. */
  | {
      readonly kind: 'unchanged';
      readonly known: KnownPage;
      readonly links: readonly string[];
      readonly httpStatus: 304 | null;
      readonly ms: number;
    };

/**
 * Fetches a page, unless the server or the sitemap says that it has not changed since an earlier crawl and its links are
 * known. Pages that are always rendered are always fetched: what scripts draw may change without the page.
 *
 * @throws as `fetchPage`
 */
export async function fetchOrKeep(run: CrawlRun, page: FrontierPage): Promise<Fetched> {
  const known = run.request.render === 'always' ? undefined : run.known.get(page.url);
  if (known?.validators === undefined) return { kind: 'page', response: await fetchPage(run, page) };
  if (isUnchangedBySitemap(known.validators, run.lastmods.get(page.url))) {
    const links = await run.known.linksOf(known);
    if (links !== undefined) return { kind: 'unchanged', known, links, httpStatus: null, ms: 0 };
  }
  const response = await fetchPage(run, page, conditionOf(known.validators));
  if (response.status !== 304) return { kind: 'page', response };
  // The condition was about this address, not about where it leads.
  const links = response.redirects.length > 0 ? undefined : await run.known.linksOf(known);
  if (links === undefined) return { kind: 'page', response: await fetchPage(run, page) };
  return { kind: 'unchanged', known, links, httpStatus: 304, ms: response.ms };
}
