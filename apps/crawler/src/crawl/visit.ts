import { createHash } from 'node:crypto';
import type { DocumentInput } from '@xnai/contracts';
import type { FetchResponse } from '@xnai/egress';
import { ExtractError } from '@xnai/text';
import type { ExtractedPage } from '@xnai/text/extract';
import type { FrontierPage } from '../frontier/frontier-page.ts';
import { canonicalUrl, documentId } from '../scope/canonical-url.ts';
import { discover } from './discover.ts';
import { type CrawlRun, conclude, type Finding } from './run.ts';

/** A fetched page: its main content goes to the outbox, its links into the frontier. */
export async function visit(run: CrawlRun, page: FrontierPage, response: FetchResponse): Promise<void> {
  const base = rebase(run, page, response);
  const found = { httpStatus: response.status, bytes: response.decodedBytes, ms: response.ms, isTaken: true };
  run.refusals.delete(page.host);
  try {
    const extracted = await run.deps.extractPool.extract(extractInput(response), { signal: run.signal });
    await follow(run, page, extracted);
    const outcome = toDocument(run, response, extracted);
    await conclude(run, page, { ...found, ...outcome, ...(base === undefined ? {} : { base }) });
  } catch (error) {
    if (!(error instanceof ExtractError) || error.code === 'cancelled') throw error;
    const status = error.code === 'extract-failed' ? 'failed' : 'skipped';
    await conclude(run, page, { ...found, status, reason: error.code });
  }
}

/** A start URL that moved takes the crawl's scope along. */
function rebase(run: CrawlRun, page: FrontierPage, response: FetchResponse): string | undefined {
  if (page.url !== run.startUrl || response.redirects.length === 0) return undefined;
  run.scope = run.scope.rebase(response.url);
  return response.url;
}

function extractInput({ url, contentType, charset, body }: FetchResponse) {
  return { url, mime: contentType || 'text/html', charset, body };
}

async function follow(
  run: CrawlRun,
  page: FrontierPage,
  { links, nofollow }: Pick<ExtractedPage, 'links' | 'nofollow'>,
): Promise<void> {
  if (run.request.sitemap === 'only' || nofollow) return;
  await discover(run, links, page.depth + 1);
}

type Outcome = Pick<Finding, 'status' | 'reason' | 'documentId' | 'document'>;

function toDocument(run: CrawlRun, response: FetchResponse, extracted: ExtractedPage): Outcome {
  if (extracted.noindex) return { status: 'skipped', reason: 'robots' };
  if (extracted.markdown.trim() === '') return { status: 'skipped', reason: 'no-content' };
  const url = canonicalUrl(response.url, run.request);
  const id = documentId(url);
  // The same text under the same declared address is the same page; the same text alone is not.
  const text = createHash('sha256').update(extracted.markdown).digest('base64');
  const content = `${canonicalUrl(extracted.canonicalUrl ?? url)} ${text}`;
  if (run.documents.has(id) || run.contents.has(content)) {
    return { status: 'skipped', reason: 'duplicate', documentId: id };
  }
  run.documents.add(id);
  run.contents.add(content);
  const input: DocumentInput = {
    content: extracted.markdown,
    content_type: 'text/markdown',
    ...(extracted.title === '' ? {} : { title: extracted.title.slice(0, 1000) }),
    url,
    metadata: { crawlId: run.id, fetchedAt: new Date(run.now()).toISOString(), trust: 'web' },
  };
  const document = { id, collection: run.request.collection, body: JSON.stringify(input) };
  return { status: 'fetched', documentId: id, document };
}
