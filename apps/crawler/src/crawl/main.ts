import type { EgressCounts } from '@xnai/egress';
import { assertNothingExposed } from '@xnai/egress';
import { CrawlStopped } from '../ledger/page-log.ts';
import type { CrawlJob, FromChild, ToChild } from './messages.ts';
import { runJob } from './open.ts';

/** The process of one crawl. It is told what to do over its channel, and ends with it. */

const HEARTBEAT_MS = 1000;

const stopped = new AbortController();
process.on('disconnect', () => process.exit(1));
process.on('message', (message: ToChild) => {
  if (message.type === 'stop') stopped.abort(new CrawlStopped('STOPPING'));
  else void run(message.job);
});

async function run(job: CrawlJob): Promise<void> {
  let pages: Record<string, number> = {};
  let egress: (() => EgressCounts) | undefined;
  const beat = () => {
    send({ type: 'heartbeat', rssBytes: process.memoryUsage.rss(), pages, egress: egress?.() });
    pages = {};
  };
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  const end = await runJob(job, {
    signal: stopped.signal,
    onPage(status) {
      pages[status] = (pages[status] ?? 0) + 1;
    },
    report: (fields, message) => send({ type: 'log', fields, message }),
    onEgress(counts) {
      // All that this process will listen on is open now.
      assertNothingExposed();
      egress = counts;
    },
  });
  clearInterval(heartbeat);
  beat();
  process.send?.(end, () => process.exit(0));
}

function send(message: FromChild): void {
  if (process.connected) process.send?.(message);
}
