import { setTimeout as delay } from 'node:timers/promises';
import type { StopReason } from '@xnai/contracts';
import { decideRemoval } from './gone.ts';
import type { CrawlRun } from './run.ts';

const OUTBOX_RETRY_MS = 250;

/** Has rag delete the documents whose pages are gone. Returns what was left undone, in words. */
export async function forgetGone(run: CrawlRun, stopReason: StopReason): Promise<string | undefined> {
  const { known, request, scope, documents, deps } = run;
  const removal = decideRemoval({
    known: known.pages()?.filter(({ url }) => scope.locate(url, 0).reason === undefined),
    gone: run.gone.difference(documents),
    wasReached: ({ id, url }) => documents.has(id) || run.frontier.hasSeen(url),
    isPruned: request.prune,
    unseen: unseenIn(run, stopReason),
  });
  for (let waiting = removal.documents; waiting.length > 0; ) {
    waiting = waiting.slice(await deps.pageLog.forget(request.collection, waiting));
    if (waiting.length > 0) await delay(OUTBOX_RETRY_MS, undefined, { signal: run.signal });
  }
  return removal.warning;
}

/** These come from what the site leads to and what the crawl was asked for. */
const WHOLE: ReadonlySet<StopReason> = new Set(['exhausted', 'depth']);

function unseenIn(
  { unseenPages, unreadSitemaps, startFailure }: CrawlRun,
  stopReason: StopReason,
): string | undefined {
  if (startFailure !== undefined) return 'its start URL could not be fetched';
  if (!WHOLE.has(stopReason)) return `it ended by "${stopReason}"`;
  if (unreadSitemaps.length > 0) return 'a sitemap could not be read';
  return unseenPages > 0 ? `${unseenPages} pages could not be read` : undefined;
}
