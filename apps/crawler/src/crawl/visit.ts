import { createHash } from 'node:crypto';
import type { DocumentInput } from '@xnai/contracts';
import type { FetchResponse } from '@xnai/egress';
import { ExtractError } from '@xnai/text';
import type { PageInput, ReadPage } from '../extract/extract-thread.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';
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
    if (run.request.sitemap !== 'only' && !extracted.nofollow) {
      await discover(run, extracted.links, page.depth + 1);
    }
    await recordOutcome(run, page, { ...fetched, ...outcomeOf(run, response, extracted), base });
  } catch (error) {
    if (!(error instanceof ExtractError) || error.code === 'cancelled') throw error;
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
  return { url, mime: contentType || 'text/html', charset, body, robotsHeaders: headers['x-robots-tag'] };
}

type ContentOutcome = Pick<PageOutcome, 'status' | 'reason' | 'documentId' | 'document'>;

function outcomeOf(run: CrawlRun, response: FetchResponse, extracted: ReadPage): ContentOutcome {
  if (extracted.noindex) return { status: 'skipped', reason: 'robots' };
  if (extracted.markdown.trim() === '') return { status: 'skipped', reason: 'no-content' };
  const url = canonicalUrl(response.url, run.request);
  const id = documentId(url);
  // The same text under the same declared URL is the same page; the same text alone is not.
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
    metadata: { crawlId: run.id, fetchedAt: new Date().toISOString(), trust: 'web' },
  };
  const document = { id, collection: run.request.collection, body: JSON.stringify(input) };
  return { status: 'fetched', documentId: id, document };
}
