import type { FrontierPage } from '../frontier/frontier-page.ts';
import { documentId } from '../scope/canonical-url.ts';
import { MAX_REFUSALS } from './failure.ts';
import { type CrawlRun, conclude } from './run.ts';

/** The next page that may be fetched; those that may not are written down on the way. */
export async function nextPage(run: CrawlRun): Promise<FrontierPage | undefined> {
  for (;;) {
    const page = run.frontier.next();
    if (page === undefined) return undefined;
    if (await isAdmitted(run, page)) return page;
  }
}

const NOT_FETCHED = { httpStatus: null, bytes: 0, ms: 0, isTaken: false } as const;

async function isAdmitted(run: CrawlRun, page: FrontierPage): Promise<boolean> {
  const id = documentId(page.url);
  if (run.documents.has(id)) {
    await conclude(run, page, { ...NOT_FETCHED, status: 'skipped', reason: 'duplicate', documentId: id });
    return false;
  }
  if ((run.refusals.get(page.host) ?? 0) > MAX_REFUSALS) {
    await conclude(run, page, { ...NOT_FETCHED, status: 'failed', reason: 'breaker-open' });
    return false;
  }
  const verdict = await run.deps.robots.check(page.url, run.signal);
  run.frontier.openHost(page.host, verdict.crawlDelayMs);
  if (verdict.allowed) return true;
  await conclude(run, page, { ...NOT_FETCHED, status: 'skipped', reason: verdict.reason ?? 'robots' });
  return false;
}
