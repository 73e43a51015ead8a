import type { DeliveredDocument } from '@xnai/contracts';
import type { FetchResponse } from '@xnai/egress';
import type { ExtractedPage } from '../extract/extract-thread.ts';
import type { PageInput } from '../extract/read-page.ts';
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
    const extracted = await run.deps.extractPool.extract(extractInput(response), { signal: run.signal });
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

function extractInput({ url, contentType, charset, body, headers }: FetchResponse): PageInput {
  return { url, mime: contentType, charset, body, robotsHeaders: headers['x-robots-tag'] };
}

type ContentOutcome = Pick<PageOutcome, 'status' | 'reason' | 'documentId' | 'document' | 'losses'>;

function outcomeOf(run: CrawlRun, response: FetchResponse, page: ExtractedPage): ContentOutcome {
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

/** A `DeliveredDocument` in JSON. */
function deliveryOf(
  run: CrawlRun,
  { contentType }: FetchResponse,
  { documentJson, title, url }: Pick<ExtractedPage, 'documentJson' | 'title'> & { readonly url: string },
): string {
  const about: Omit<DeliveredDocument, 'document'> = {
    content_type: contentType || 'text/html',
    title: title.slice(0, MAX_TITLE_LENGTH),
    url,
    metadata: { crawlId: run.id, fetchedAt: new Date().toISOString(), trust: 'web' },
  };
  return `{"document":${documentJson},${JSON.stringify(about).slice(1)}`;
}
