import type { DeliveredDocument } from '@xnai/contracts';
import type { FetchResponse } from '@xnai/egress';
import { type FoundDocument, readResponse } from '../extract/read-response.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';
import { PageError } from '../page-error.ts';
import { canonicalUrl, documentId } from '../scope/canonical-url.ts';
import { discover } from './discover.ts';
import { explainFailure } from './explain-failure.ts';
import { type CrawlRun, type PageOutcome, recordOutcome } from './run.ts';

/** Puts the main content of a fetched page into the outbox, and its links into the frontier. */
export async function visit(run: CrawlRun, page: FrontierPage, response: FetchResponse): Promise<void> {
  const base = rebaseScope(run, page, response);
  const fetched = {
    httpStatus: response.status,
    bytes: response.decodedBytes,
    ms: response.ms,
    isCounted: true,
  };
  run.rejections.delete(page.host);
  try {
    const extracted = await readResponse(run.deps.extractPool, response, { signal: run.signal });
    run.growth.addPage(page.url, extracted.isEmpty ? undefined : extracted.textHash);
    if (run.request.sitemap !== 'only' && !extracted.nofollow) {
      await discover(run, extracted.links, { depth: page.depth + 1, foundOn: page.url });
    }
    await recordOutcome(run, page, { ...fetched, ...outcomeOf(run, response, extracted), base });
  } catch (error) {
    if (!(error instanceof PageError) || error.code === 'cancelled') throw error;
    const status = error.code === 'extract-failed' ? 'failed' : 'skipped';
    await recordOutcome(run, page, { ...fetched, status, reason: error.code, cause: explainFailure(error) });
  }
}

/** When the start URL has moved, the scope of the crawl moves with it. */
function rebaseScope(run: CrawlRun, page: FrontierPage, response: FetchResponse): string | undefined {
  if (page.url !== run.startUrl || response.redirects.length === 0) return undefined;
  run.scope = run.scope.rebase(response.url);
  return response.url;
}

type ContentOutcome = Pick<PageOutcome, 'status' | 'reason' | 'documentId' | 'document' | 'losses'>;

function outcomeOf(run: CrawlRun, response: FetchResponse, page: FoundDocument): ContentOutcome {
  if (!run.request.types.includes(page.pageType.type)) return { status: 'skipped', reason: 'content-type' };
  if (page.noindex) return { status: 'skipped', reason: 'robots' };
  const losses = page.losses.length === 0 ? {} : { losses: [...page.losses] };
  if (page.isEmpty) return { status: 'skipped', reason: 'no-content', ...losses };
  const url = canonicalUrl(response.url, run.request);
  const id = documentId(url);
  // The same text under the same declared URL is the same page; the same text alone is not.
  const content = `${canonicalUrl(page.canonicalUrl ?? url)} ${page.textHash}`;
  if (run.documents.has(id) || run.contents.has(content)) {
    return { status: 'skipped', reason: 'duplicate', documentId: id };
  }
  run.documents.add(id);
  run.contents.add(content);
  const body = deliveryOf(run, response, { ...page, url });
  const document = { id, collection: run.request.collection, body };
  return { status: 'fetched', documentId: id, document, ...losses };
}

const MAX_TITLE_LENGTH = 1000;

/** A `DeliveredDocument` in JSON, or the `DocumentInput` of a file. */
function deliveryOf(
  run: CrawlRun,
  { body }: FetchResponse,
  { documentJson, title, url, pageType, fileName }: FoundDocument & { readonly url: string },
): string {
  const about = {
    content_type: pageType.contentType,
    title: title.slice(0, MAX_TITLE_LENGTH),
    url,
    metadata: { crawlId: run.id, fetchedAt: new Date().toISOString(), trust: 'web' },
  } satisfies Omit<DeliveredDocument, 'document'>;
  if (documentJson !== undefined) return `{"document":${documentJson},${JSON.stringify(about).slice(1)}`;
  const metadata = { ...about.metadata, file_name: fileName.slice(0, MAX_TITLE_LENGTH) };
  const content = body.toString('base64');
  return JSON.stringify({ ...about, metadata, content, encoding: 'base64' });
}
