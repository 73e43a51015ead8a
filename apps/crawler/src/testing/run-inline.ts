import type { EgressCounts } from '@xnai/egress';
import { runJob } from '../crawl/open.ts';
import type { RunCrawl } from '../jobs/supervise.ts';
import { CrawlStopped } from '../ledger/page-log.ts';

/** Runs a crawl in this process: what it does is the same, and it starts in no time. */
export const runInline: RunCrawl = async ({ job, signal, onHeartbeat, onLog }) => {
  const stopped = new AbortController();
  signal.addEventListener('abort', () => stopped.abort(new CrawlStopped('STOPPING')), { once: true });
  if (signal.aborted) stopped.abort(new CrawlStopped('STOPPING'));
  onHeartbeat({ type: 'heartbeat', rssBytes: 0, pages: {} });
  let egress: (() => EgressCounts) | undefined;
  try {
    return await runJob(job, {
      signal: stopped.signal,
      onPage: () => {},
      report: onLog,
      onEgress(counts) {
        egress = counts;
      },
    });
  } catch (error) {
    return { type: 'crashed', why: 'an error', stderr: String((error as Error).stack) };
  } finally {
    onHeartbeat({ type: 'heartbeat', rssBytes: 0, pages: {}, egress: egress?.() });
  }
};
