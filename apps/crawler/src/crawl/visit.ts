import { type DeliveredDocument, MAX_LINKS, type Metadata } from '@xnai/contracts';
import { type FetchResponse, MAX_URL_LENGTH } from '@xnai/egress';
import { inSpan } from '@xnai/service/trace';
import { explainFailure } from '../explain-failure.ts';
import { type FoundDocument, readResponse } from '../extract/read-response.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';
import { PageError } from '../page-error.ts';
import { canonicalUrl, documentId } from '../scope/canonical-url.ts';
import { discover } from './discover.ts';
import type { Fetched } from './fetch-or-keep.ts';
import { metadataOf } from './known-pages.ts';
import { type CrawlRun, type PageOutcome, recordOutcome } from './run.ts';

/** Puts the main content of a fetched page into the outbox, and its links into the frontier. */
export async function visit(run: CrawlRun, page: FrontierPage, fetched: Fetched): Promise<void> {
  run.openings.delete(page.host);
  if (fetched.kind === 'unchanged') await keep(run, page, fetched);
  else await read(run, page, fetched.response);
}

/** A page that an earlier crawl has brought to rag as it still is. */
async function keep(
  run: CrawlRun,
  page: FrontierPage,
  { known, links, httpStatus, ms }: Extract<Fetched, { kind: 'unchanged' }>,
): Promise<void> {
  await follow(run, page, { links, url: page.url });
  run.documents.add(known.id);
  const isAlias = known.documentId !== known.id;
  await recordOutcome(run, page, {
    ...(isAlias ? { status: 'skipped', reason: 'duplicate' } : { status: 'unchanged' }),
    documentId: known.documentId,
    httpStatus,
    bytes: 0,
    ms,
    isCounted: httpStatus !== null,
  });
}

async function read(run: CrawlRun, page: FrontierPage, response: FetchResponse): Promise<void> {
  const { warning } = response;
  if (warning !== undefined) run.warnings.set(warning, (run.warnings.get(warning) ?? 0) + 1);
  const base = await rebaseScope(run, page, response);
  const url = canonicalUrl(response.url, run.request);
  const fetched = {
    httpStatus: response.status,
    bytes: response.decodedBytes,
    ms: response.ms,
    isCounted: true,
    ...(url !== page.url && { finalUrl: url }),
  };
  try {
    const extracted = await inSpan('extract', {}, () =>
      readResponse(run.deps.extractPool, response, { signal: run.signal }),
    );
    run.growth.addPage(page.url, extracted.isEmpty ? undefined : extracted.textHash);
    if (!extracted.nofollow) await follow(run, page, { links: extracted.links, url: response.url });
    await recordOutcome(run, page, { ...fetched, ...outcomeOf(run, response, { ...extracted, url }), base });
  } catch (error) {
    if (!(error instanceof PageError) || error.code === 'cancelled') throw error;
    const status = error.code === 'extract-failed' ? 'failed' : 'skipped';
    await recordOutcome(run, page, { ...fetched, status, reason: error.code, cause: explainFailure(error) });
  }
}

async function follow(
  run: CrawlRun,
  page: FrontierPage,
  { links, url }: { readonly links: readonly string[]; readonly url: string },
): Promise<void> {
  if (run.request.sitemap === 'only') return;
  await discover(run, links, { depth: page.depth + 1, foundOn: page.url, from: url });
}

/** When the start URL has moved, the scope of the crawl moves with it. */
async function rebaseScope(
  run: CrawlRun,
  page: FrontierPage,
  response: FetchResponse,
): Promise<string | undefined> {
  if (page.url !== run.startUrl || response.redirects.length === 0) return undefined;
  await run.known.load(response.url);
  run.scope = run.scope.rebase(response.url);
  return response.url;
}

type ContentOutcome = Pick<PageOutcome, 'status' | 'reason' | 'documentId' | 'document' | 'losses' | 'cause'>;
type PageAtUrl = FoundDocument & { readonly url: string };

function outcomeOf(run: CrawlRun, response: FetchResponse, page: PageAtUrl): ContentOutcome {
  if (!run.request.types.includes(page.pageType.type)) return { status: 'skipped', reason: 'content-type' };
  if (page.noindex) return { status: 'skipped', reason: 'robots' };
  if (page.standIn !== undefined)
    return { status: 'skipped', reason: page.standIn, cause: STAND_IN_CAUSES[page.standIn] };
  const losses = page.losses.length === 0 ? {} : { losses: [...page.losses] };
  if (page.isEmpty) return { status: 'skipped', reason: 'no-content', ...losses };
  const id = documentId(page.url);
  if (run.documents.has(id)) return { status: 'skipped', reason: 'duplicate', documentId: id };
  run.documents.add(id);
  const body = deliveryOf(run, response, page);
  const document = { id, collection: run.request.collection, body };
  return { status: 'fetched', documentId: id, document, ...losses };
}

const STAND_IN_CAUSES = {
  'soft-404': 'the server says that there is no such page, though with status 200',
  'login-wall': 'the server asks for a login',
} as const;

const MAX_TITLE_LENGTH = 1000;

/** A `DeliveredDocument` in JSON, or the `DocumentInput` of a file. */
function deliveryOf(run: CrawlRun, response: FetchResponse, page: PageAtUrl): string {
  const { documentJson, title, url, pageType, fileName } = page;
  const { metadata: validators, links } = revalidationOf(run, response, page);
  const about = {
    content_type: pageType.contentType,
    title: title.slice(0, MAX_TITLE_LENGTH),
    url,
    metadata: {
      crawlId: run.id,
      fetchedAt: new Date().toISOString(),
      trust: 'web',
      ...canonicalOf(page),
      ...validators,
    },
  } satisfies Omit<DeliveredDocument, 'document'>;
  if (documentJson !== undefined)
    return `{"document":${documentJson},${JSON.stringify({ ...about, links }).slice(1)}`;
  // A file's own title is better than its name, which rag takes where there is none.
  const { title: _, ...untitled } = about;
  const metadata = { ...about.metadata, file_name: fileName.slice(0, MAX_TITLE_LENGTH) };
  const content = response.body.toString('base64');
  return JSON.stringify({ ...untitled, metadata, content, encoding: 'base64' });
}

/** The address that the page declares as its own, where it is another one. */
function canonicalOf({ canonicalUrl: declared, url }: PageAtUrl): { readonly canonical?: string } {
  const canonical = declared && canonicalUrl(declared);
  return canonical === undefined || canonical === url || canonical.length > MAX_URL_LENGTH
    ? {}
    : { canonical };
}

/**
 * What a later crawl needs to leave the page out while it has not changed. A rendered page has nothing of the kind:
 * what its scripts draw changes without it.
 */
function revalidationOf(
  run: CrawlRun,
  { headers, isRendered }: FetchResponse,
  { links, nofollow, url }: PageAtUrl,
): Pick<DeliveredDocument, 'links'> & { readonly metadata: Metadata } {
  const metadata = metadataOf(headers, run.lastmods.get(url));
  const isKept = isRendered !== true && Object.keys(metadata).length > 1 && links.length <= MAX_LINKS;
  if (!isKept) return { metadata: {} };
  return { metadata, links: nofollow ? [] : links.filter((link) => link.length <= MAX_URL_LENGTH) };
}
