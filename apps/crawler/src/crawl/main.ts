import type { EgressCounts } from '@xnai/egress';
import { assertNothingExposed } from '@xnai/egress';
import { openParent } from '@xnai/service/parent';
import { CrawlStopped } from '../ledger/page-log.ts';
import type { CrawlJob, FromChild, ToChild } from './messages.ts';
import { runJob } from './open.ts';

/** The process of one crawl, which its parent controls by messages. */

const HEARTBEAT_MS = 1000;

const stopped = new AbortController();
const parent = openParent<ToChild, FromChild>((message) => {
  if (message.type === 'stop') stopped.abort(new CrawlStopped('STOPPING'));
  else void run(message.job);
});

async function run(job: CrawlJob): Promise<void> {
  let pages: Record<string, number> = {};
  let egress: (() => EgressCounts) | undefined;
  const beat = () => {
    void parent.send({ type: 'heartbeat', rssBytes: process.memoryUsage.rss(), pages, egress: egress?.() });
    pages = {};
  };
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  const end = await runJob(job, {
    signal: stopped.signal,
    onPage(status) {
      pages[status] = (pages[status] ?? 0) + 1;
    },
    report: (fields, message) => void parent.send({ type: 'log', fields, message }),
    onEgress(counts) {
      // By now this process has opened every port that it listens on.
      assertNothingExposed();
      egress = counts;
    },
  });
  clearInterval(heartbeat);
  beat();
  await parent.send(end);
  process.exit(0);
}
