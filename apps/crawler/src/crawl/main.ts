import { assertNothingExposed } from '@xnai/egress';
import { openParent } from '@xnai/service/parent';
import type { CrawlJob, FromChild, ToChild } from './messages.ts';
import { runJob } from './open.ts';

/** The process of one crawl, which its parent controls by messages. */

const stopped = new AbortController();
const parent = openParent<ToChild, FromChild>((message) => {
  if (message.type === 'stop') stopped.abort(new Error('the crawl was stopped'));
  else void run(message.job);
});

async function run(job: CrawlJob): Promise<void> {
  const end = await runJob(job, {
    signal: stopped.signal,
    onHeartbeat: (heartbeat) => void parent.send(heartbeat),
    onLog: (fields, message) => void parent.send({ type: 'log', fields, message }),
    onBrowserFailed: () => void parent.send({ type: 'browser-failed' }),
    onOpened: assertNothingExposed,
  });
  await parent.send(end);
  process.exit(0);
}
