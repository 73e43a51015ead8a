import type { Crawl, PageResult } from '@xnai/contracts';
import type { z } from 'zod';
import type { Results } from '../ledger/results.ts';
import { cursorOf } from '../ledger/results.ts';
import type { FirecrawlDocument, StatusAnswer } from './answers.ts';
import { documentOfPage } from './documents.ts';

/** What a status is made from. */
export interface StatusDeps {
  readonly results: Results;
  /** A document of rag; undefined when it is gone. */
  readonly documentOf: (
    collection: string,
    id: string,
    signal: AbortSignal,
  ) => Promise<{ readonly text: string; readonly title: string | null } | undefined>;
  readonly keepMs: number;
}

export interface StatusQuery {
  readonly skip: number;
  readonly limit: number;
  readonly signal: AbortSignal;
}

const STATUS: Readonly<Record<Crawl['status'], string>> = {
  queued: 'scraping',
  running: 'scraping',
  stopping: 'scraping',
  completed: 'completed',
  completed_with_errors: 'completed',
  cancelled: 'cancelled',
  failed: 'failed',
};

/** Of the pages in one answer, as Firecrawl has it. */
const MAX_BYTES = 10 * 1024 ** 2;

/** How a crawl stands, with the text of its pages from rag, which keeps them. */
export async function crawlStatusOf(
  deps: StatusDeps,
  crawl: Crawl,
  { skip, limit, signal }: StatusQuery,
): Promise<{ readonly body: z.infer<typeof StatusAnswer>; readonly nextSkip: number | undefined }> {
  const { indexed, unchanged, skipped, failed, discovered } = crawl.counters;
  const { pages, next } = await deps.results.pages(crawl.id, cursorOf(skip), limit);
  const { data, taken } = await readPages(deps, crawl.collection, pages, signal);
  const isCut = taken < pages.length;
  const nextSkip = isCut || next !== undefined ? skip + taken : undefined;
  const endMs = Date.parse(crawl.finishedAt ?? new Date().toISOString());
  const ofFailures = failed > 0 ? `${failed} pages failed; /errors has the reasons` : undefined;
  const warnings = [ofFailures, crawl.warning].filter((one) => one !== undefined);
  const body = {
    success: true as const,
    status: STATUS[crawl.status],
    total: Math.max(discovered - skipped, indexed + unchanged),
    completed: indexed + unchanged,
    creditsUsed: 0,
    expiresAt: new Date(endMs + deps.keepMs).toISOString(),
    ...(crawl.error !== undefined && { error: crawl.error }),
    ...(warnings.length > 0 && { warning: warnings.join('; ') }),
    data,
  };
  return { body, nextSkip };
}

async function readPages(
  deps: StatusDeps,
  collection: string,
  pages: readonly PageResult[],
  signal: AbortSignal,
): Promise<{ readonly data: FirecrawlDocument[]; readonly taken: number }> {
  const data: FirecrawlDocument[] = [];
  let bytes = 0;
  for (const [taken, page] of pages.entries()) {
    if (bytes > MAX_BYTES) return { data, taken };
    const { status, documentId } = page;
    if (documentId === undefined || (status !== 'indexed' && status !== 'unchanged')) continue;
    const document = await deps.documentOf(collection, documentId, signal);
    if (document === undefined) continue;
    bytes += document.text.length;
    data.push(documentOfPage(page, document));
  }
  return { data, taken: pages.length };
}
