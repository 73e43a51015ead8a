import type { CrawlRequest, PageReason, PlannedUrl } from '@xnai/contracts';
import { defaultSitemaps, type FetchResponse, readSitemaps, type SitemapEntry } from '@xnai/egress';
import { deadlineIn } from '@xnai/resilience';
import { decodeText } from '@xnai/text';
import { type HtmlPage, readHtml } from '@xnai/text/html';
import { directivesOf } from '../extract/read-page.ts';
import { isHtml } from '../is-html.ts';
import { isPageFailure } from '../page-failure.ts';
import { HostBusy } from '../redis/host-gate.ts';
import { type CrawlScope, createScope, type ScopeRules } from '../scope/scope.ts';
import type { PageSource } from './open-pages.ts';

/** What is asked about a site: the rules of a crawl, and how many of its addresses are wanted. */
export interface SurveyRequest extends ScopeRules, Pick<CrawlRequest, 'render' | 'waitFor' | 'sitemap'> {
  readonly limit: number;
}

/** One address of the site, with what the site says of it. */
export interface SurveyedUrl extends Omit<PlannedUrl, 'taken' | 'rule'>, Pick<SitemapEntry, 'lastmod'> {
  readonly title?: string;
  readonly rule: string;
}

export interface Survey {
  /** The start address, after redirects. */
  readonly url: string;
  readonly urls: readonly SurveyedUrl[];
}

/** Addresses that are left out are listed up to this multiple of the limit. */
const LISTED = 2;
/** Where no sitemap is found, this number of pages is read for links, in the order in which they are found. */
const MAX_PAGES = 12;
const WALK_MS = 20_000;

/**
 * Finds the addresses of a site as a crawl would begin to: in its sitemaps and on its start page, and on a few more pages
 * where there is no sitemap. Says of each whether the crawl would take it, and by which rule.
 *
 * @throws {FetchError | PageError} when the start page cannot be fetched
 */
export async function surveySite(request: SurveyRequest, source: PageSource): Promise<Survey> {
  const first = await source.fetch(request.url);
  const scope = first.redirects.length === 0 ? createScope(request) : createScope(request).rebase(first.url);
  const found = new Found(request, scope, source);
  await found.add({ url: first.url, title: titleOf(first) }, { foundIn: 'request', depth: 0 });
  if (request.sitemap !== 'skip') await readSitemapsOf(first.url, source, found);
  if (request.sitemap !== 'only') await walk(first, source, found);
  return { url: first.url, urls: [...found.urls.values()] };
}

/** `from`: where the page or the sitemap lies that leads there; undefined for what the owner names. */
type Origin = Pick<SurveyedUrl, 'foundIn' | 'depth'> & { readonly from?: string };

/** Why a link is not followed, where it was seen; another page may still lead to the same address. */
const UNFOLLOWED = {
  link: 'its links have rel=nofollow',
  page: 'the page that leads to it asks not to follow its links',
  private: 'a private origin, which only pages of CRAWL_ALLOWED_ORIGINS may lead to',
} as const;
type Unfollowed = keyof typeof UNFOLLOWED;
type Sighting = Pick<SurveyedUrl, 'url' | 'title' | 'lastmod'> & {
  readonly unfollowed?: Unfollowed | undefined;
};

class Found {
  readonly urls = new Map<string, SurveyedUrl>();
  readonly #request: SurveyRequest;
  readonly #scope: CrawlScope;
  readonly #source: Pick<PageSource, 'robots' | 'fetcher'>;
  /** Those that no link leads to which a crawl follows. */
  readonly #unfollowed = new Set<string>();
  #taken = 0;

  constructor(request: SurveyRequest, scope: CrawlScope, source: Pick<PageSource, 'robots' | 'fetcher'>) {
    this.#request = request;
    this.#scope = scope;
    this.#source = source;
  }

  get isFull(): boolean {
    const { limit } = this.#request;
    return this.#taken >= limit || this.urls.size >= limit * LISTED + 1000;
  }

  async add({ unfollowed: asked, ...seen }: Sighting, { foundIn, depth, from }: Origin): Promise<void> {
    const { url, reason } = this.#scope.locate(seen.url, depth);
    const unfollowed = from === undefined || this.#source.fetcher.mayLead(from, url) ? asked : 'private';
    const known = this.urls.get(url);
    if (known !== undefined && (unfollowed !== undefined || !this.#unfollowed.delete(url))) {
      this.urls.set(url, { ...seen, ...known });
      return;
    }
    if (this.isFull) return;
    if (unfollowed !== undefined) this.#unfollowed.add(url);
    const verdict = await this.#judge(url, { reason, unfollowed, depth });
    if (verdict.reason === undefined) this.#taken += 1;
    this.urls.set(url, { ...seen, url, foundIn, depth, ...verdict });
  }

  async #judge(
    url: string,
    {
      reason,
      unfollowed,
      depth,
    }: { reason: PageReason | undefined; unfollowed: Unfollowed | undefined; depth: number },
  ): Promise<Pick<SurveyedUrl, 'reason' | 'rule'>> {
    const rule = this.#scope.explain(url, depth);
    if (reason !== undefined) return { reason, rule };
    if (unfollowed !== undefined)
      return { reason: unfollowed === 'private' ? 'not-public' : 'robots', rule: UNFOLLOWED[unfollowed] };
    const { reason: refusal, line = refusal } = await this.#source.robots.check(url);
    return refusal === undefined ? { rule } : { reason: refusal, rule: `robots.txt: ${line}` };
  }
}

async function readSitemapsOf(
  startUrl: string,
  { robots, fetcher }: PageSource,
  found: Found,
): Promise<void> {
  const { sitemaps } = await robots.check(startUrl);
  const urls = sitemaps.length > 0 ? sitemaps : defaultSitemaps(new URL(startUrl).origin);
  for await (const { sitemap, ...entry } of readSitemaps({ fetcher, urls, from: startUrl })) {
    await found.add(entry, { foundIn: 'sitemap', depth: 0, from: sitemap });
    if (found.isFull) return;
  }
}

/** Reads the links of the start page, and breadth first those of other pages when there is no sitemap to go by. */
async function walk(first: FetchResponse, source: PageSource, found: Found): Promise<void> {
  const hasSitemap = found.urls.values().some(({ foundIn }) => foundIn === 'sitemap');
  const deadline = deadlineIn(WALK_MS);
  const read = new Set([first.url]);
  await addLinks(first, 1, found);
  for (const { url, depth, reason } of hasSitemap ? [] : found.urls.values()) {
    if (read.size >= MAX_PAGES || found.isFull || deadline.expired) return;
    if (reason !== undefined || read.has(url)) continue;
    read.add(url);
    const page = await source.fetch(url).catch(ignoreFailure);
    if (page !== undefined) await addLinks(page, depth + 1, found);
  }
}

/**
 * A page that cannot be fetched, or not soon enough, has no links; the address itself stays in the list, as a crawl would
 * find it.
 */
function ignoreFailure(error: unknown): undefined {
  if (!isPageFailure(error) && !(error instanceof HostBusy)) throw error;
}

async function addLinks(page: FetchResponse, depth: number, found: Found): Promise<void> {
  const { links = [], frames = [], metas = [] } = read(page) ?? {};
  const ofPage = directivesOf(metas, page.headers['x-robots-tag']).nofollow ? 'page' : undefined;
  for (const { url, rel, text } of links) {
    const title = text === '' ? {} : { title: text };
    const ofLink = rel.includes('nofollow') ? 'link' : undefined;
    await found.add(
      { url, ...title, unfollowed: ofPage ?? ofLink },
      { foundIn: 'page', depth, from: page.url },
    );
  }
  for (const url of frames)
    await found.add({ url, unfollowed: ofPage }, { foundIn: 'page', depth, from: page.url });
}

function titleOf(page: FetchResponse): string {
  return read(page)?.title ?? page.url;
}

function read({ url, body, contentType, charset, isRendered = false }: FetchResponse): HtmlPage | undefined {
  return isHtml(contentType)
    ? readHtml(decodeText(body, charset), { url, keepsRoutes: isRendered })
    : undefined;
}
