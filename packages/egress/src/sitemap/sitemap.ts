import { gunzipIfNeeded } from '../fetch/content-decoders.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { FetchError } from '../fetch-error.ts';
import { createSitemapParser, type SitemapItem } from './sitemap-parser.ts';

export interface SitemapLimits {
  /** An index of sitemaps is one level. */
  readonly maxDepth: number;
  readonly maxFiles: number;
  readonly maxEntries: number;
  /** Of one file, unpacked; the protocol's own limit. */
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
}

const DEFAULT_SITEMAP_LIMITS: SitemapLimits = {
  maxDepth: 3,
  maxFiles: 500,
  maxEntries: 50_000,
  maxFileBytes: 50 * 1024 * 1024,
  maxTotalBytes: 200 * 1024 * 1024,
};

export interface SitemapRequest {
  readonly fetcher: Fetcher;
  readonly urls: readonly string[];
  /** The address of what names them: what a public site names is fetched on its behalf. By default the owner's own. */
  readonly from?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<SitemapLimits>;
  /** A sitemap that could not be read; the others go on. */
  readonly onProblem?: (problem: { readonly url: string; readonly error: unknown }) => void;
}

/** Where a site's sitemap is when its robots.txt names none. */
export function defaultSitemaps(origin: string): readonly string[] {
  return [`${origin}/sitemap.xml`];
}

/** A page that a sitemap names. */
export interface SitemapEntry extends Omit<SitemapItem, 'kind'> {
  /** The address of the sitemap. */
  readonly sitemap: string;
}

interface Source {
  readonly url: string;
  readonly from: string | undefined;
  readonly depth: number;
}

/**
 * Reads sitemaps (XML, indexes, feeds, plain text, each also gzipped) as a stream, breadth first, each file once: one that
 * includes itself ends. URLs of pages are as found, not checked against anything.
 *
 * @throws FetchError `cancelled`
 */
export async function* readSitemaps(request: SitemapRequest): AsyncGenerator<SitemapEntry> {
  const limits = { ...DEFAULT_SITEMAP_LIMITS, ...request.limits };
  const sources: Source[] = request.urls.map((url) => ({ url, from: request.from, depth: 0 }));
  const seen = new Set<string>();
  const budget: Budget = { bytes: limits.maxTotalBytes };
  let entries = 0;

  for (let source = sources.shift(); source !== undefined; source = sources.shift()) {
    if (seen.has(source.url) || seen.size >= limits.maxFiles) continue;
    seen.add(source.url);
    for await (const item of readSource(request, source, limits, budget)) {
      if (item.kind === 'sitemap') {
        sources.push({ url: item.url, from: item.sitemap, depth: source.depth + 1 });
        continue;
      }
      yield item;
      entries += 1;
      if (entries >= limits.maxEntries) return;
    }
  }
}

type FoundItem = SitemapItem & Pick<SitemapEntry, 'sitemap'>;

interface Budget {
  bytes: number;
}

async function* readSource(
  request: SitemapRequest,
  source: Source,
  limits: SitemapLimits,
  budget: Budget,
): AsyncGenerator<FoundItem> {
  const { url, depth } = source;
  try {
    for await (const item of readFile(request, source, limits, budget)) {
      // An index speaks for its own site only.
      if (item.kind === 'page' || (depth < limits.maxDepth && isSameHost(item.url, url))) yield item;
    }
  } catch (error) {
    if (request.signal?.aborted || (error instanceof FetchError && error.code === 'cancelled')) throw error;
    request.onProblem?.({ url, error });
  }
}

async function* readFile(
  { fetcher, signal }: SitemapRequest,
  { url, from }: Source,
  limits: SitemapLimits,
  budget: Budget,
): AsyncGenerator<FoundItem> {
  const response = await fetcher.open(url, {
    signal,
    from,
    accept: 'application/xml,text/xml,text/plain;q=0.9,*/*;q=0.5',
    maxDecodedBytes: limits.maxFileBytes,
  });
  if (response.status !== 200) {
    response.cancel();
    throw new FetchError('http-error', { url, status: response.status });
  }
  const parser = createSitemapParser(response.url);
  let bytes = 0;
  for await (const chunk of gunzipIfNeeded(response.chunks)) {
    bytes += chunk.length;
    budget.bytes -= chunk.length;
    if (bytes > limits.maxFileBytes || budget.bytes < 0) throw new FetchError('too-large', { url });
    for (const item of parser.write(chunk)) yield { ...item, sitemap: response.url };
  }
  for (const item of parser.end()) yield { ...item, sitemap: response.url };
}

function isSameHost(url: string, parent: string): boolean {
  return URL.parse(url)?.hostname === URL.parse(parent)?.hostname;
}
