import { setFlagsFromString } from 'node:v8';
import type { CrawlRequest, PageReason } from '@xnai/contracts';
import { MAX_URL_LENGTH } from '@xnai/egress';
import { canonicalUrl } from './canonical-url.ts';

/** The part of a crawl's request that says which URLs belong to it. */
export type ScopeRules = Pick<CrawlRequest, 'url'> &
  Partial<
    Pick<
      CrawlRequest,
      | 'crawlEntireDomain'
      | 'allowSubdomains'
      | 'allowExternalLinks'
      | 'ignoreQueryParameters'
      | 'includePaths'
      | 'excludePaths'
      | 'maxDiscoveryDepth'
    >
  >;

type ScopeReason = Extract<PageReason, 'url-invalid' | 'scope' | 'filtered' | 'depth'>;

export interface UrlVerdict {
  /** Canonical, to fetch and to compare by; as given when it is no URL. */
  readonly url: string;
  /** Why the URL does not belong to the crawl; absent when it does. */
  readonly reason?: ScopeReason;
}

export interface CrawlScope {
  /** @param depth links from the start page are 1; the start page and the sitemap's entries 0 */
  locate(url: string, depth: number): UrlVerdict;
  /** The rule that the verdict on this URL and depth comes from, in words. */
  explain(url: string, depth: number): string;
  /** A page may redirect within the crawl's sites; whether its path is wanted was decided by its own URL. */
  isRedirectAllowed(url: URL): boolean;
  /** The scope of a crawl whose start page moved: from `http://x` to `https://www.x/en/`, for example. */
  rebase(startUrl: string): CrawlScope;
}

/**
 * Which URLs belong to a crawl, with the meaning that Firecrawl gives these fields: pages of the start URL's host,
 * below its folder; `crawlEntireDomain` takes the whole host, `allowSubdomains` the hosts below it, and
 * `allowExternalLinks` any host. Path filters never apply to the start URL itself.
 *
 * @throws {TypeError} when `rules.url` is not a URL
 */
export function createScope(rules: ScopeRules): CrawlScope {
  const options = { ignoreQueryParameters: rules.ignoreQueryParameters };
  const start = new URL(canonicalUrl(rules.url, options));
  const filter = createPathFilter(rules);
  const folder = folderOf(start.pathname);
  const maxDepth = rules.maxDiscoveryDepth ?? Number.POSITIVE_INFINITY;

  function reasonFor(url: URL, depth: number): ScopeReason | undefined {
    if (url.href === start.href) return undefined;
    const isHome = isSameHost(url, start);
    if (!isHome && !isOtherHostAllowed(url, start, rules)) return 'scope';
    if (isHome && !rules.crawlEntireDomain && !isBelow(url.pathname, folder)) return 'scope';
    if (!filter(url.pathname)) return 'filtered';
    return depth > maxDepth ? 'depth' : undefined;
  }

  function locate(text: string, depth: number): UrlVerdict {
    const parsed = URL.parse(text);
    if (parsed === null || !isFetchable(parsed)) return { url: text, reason: 'url-invalid' };
    const url = canonicalUrl(parsed, options);
    const reason = reasonFor(new URL(url), depth);
    return reason === undefined ? { url } : { url, reason };
  }

  return {
    locate,
    explain: (text, depth) => explainVerdict({ rules, start, folder }, locate(text, depth)),
    isRedirectAllowed: (url) => isSameHost(url, start) || isOtherHostAllowed(url, start, rules),
    rebase: (startUrl) => createScope({ ...rules, url: startUrl }),
  };
}

interface ScopeFacts {
  readonly rules: ScopeRules;
  readonly start: URL;
  readonly folder: string;
}

function explainVerdict({ rules, start, folder }: ScopeFacts, { url: text, reason }: UrlVerdict): string {
  if (reason === 'url-invalid')
    return `not an http or https address without credentials of at most ${MAX_URL_LENGTH} characters`;
  if (reason === 'depth') return `deeper than maxDiscoveryDepth ${rules.maxDiscoveryDepth}`;
  const url = new URL(text);
  const isHome = isSameHost(url, start);
  if (reason === 'scope') {
    return isHome
      ? `not below ${folder}; crawlEntireDomain would take it`
      : `another host than ${start.host}; allowSubdomains or allowExternalLinks may take it`;
  }
  const matching = (patterns: readonly string[] = []) =>
    patterns.find((pattern) => new RegExp(pattern).test(url.pathname));
  if (reason === 'filtered') {
    const excluded = matching(rules.excludePaths);
    return excluded === undefined ? 'matches no pattern of includePaths' : `excludePaths ${excluded}`;
  }
  if (url.href === start.href) return 'the start address';
  const included = matching(rules.includePaths);
  if (included !== undefined) return `includePaths ${included}`;
  if (!isHome) return rules.allowExternalLinks ? 'allowExternalLinks' : 'allowSubdomains';
  return isBelow(url.pathname, folder) ? `below ${folder}` : 'crawlEntireDomain';
}

function isFetchable(url: URL): boolean {
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  return isHttp && url.username === '' && url.password === '' && url.href.length <= MAX_URL_LENGTH;
}

/** `www.` and the step from http to https do not make another site; a port does. */
function isSameHost(a: URL, b: URL): boolean {
  return bareHost(a) === bareHost(b);
}

function bareHost(url: URL): string {
  return url.host.replace(/^www\./, '');
}

function isOtherHostAllowed(url: URL, start: URL, rules: ScopeRules): boolean {
  if (rules.allowExternalLinks) return true;
  return rules.allowSubdomains === true && bareHost(url).endsWith(`.${bareHost(start)}`);
}

/**
 * The folder that a start URL stands for: `/docs/` for `/docs/`, `/docs` and `/docs/git.html` alike. A last segment
 * with a file's ending is a page in its folder; any other is a folder itself (`/v1.2` too).
 */
function folderOf(path: string): string {
  if (path.endsWith('/')) return path;
  const isFile = /\.[a-z][a-z0-9]{0,5}$/i.test(path);
  return isFile ? path.slice(0, path.lastIndexOf('/') + 1) : `${path}/`;
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder) || path === folder.slice(0, -1);
}

function createPathFilter({ includePaths = [], excludePaths = [] }: ScopeRules): (path: string) => boolean {
  // With this flag V8 continues in its linear-time engine when a pattern backtracks too much.
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  const includes = includePaths.map((pattern) => new RegExp(pattern));
  const excludes = excludePaths.map((pattern) => new RegExp(pattern));
  return (path) =>
    !excludes.some((pattern) => pattern.test(path)) &&
    (includes.length === 0 || includes.some((pattern) => pattern.test(path)));
}
