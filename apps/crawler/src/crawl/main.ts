import { assertNothingExposed } from '@xnai/egress';
import { openParent } from '@xnai/service/parent';
import { inTrace } from '@xnai/service/trace';
import { PendingCalls } from '../pending-calls.ts';
import type { Ask } from './known-pages.ts';
import type { CrawlJob, FromChild, Heartbeat, ToChild } from './messages.ts';
import { runJob } from './open.ts';

/** The process of one crawl, which its parent controls by messages. */

const stopped = new AbortController();
const calls = new PendingCalls();
const parent = openParent<ToChild, FromChild>((message) => {
  if (message.type === 'stop') stopped.abort(new Error('the crawl was stopped'));
  else if (message.type === 'start') void run(message.job);
  else calls.settle(message);
});

const ask: Ask = (question) =>
  calls.open((number) => void parent.send({ type: 'ask', number, question })) as Promise<never>;

async function run(job: CrawlJob): Promise<void> {
  if (job.trace !== undefined) {
    const { handOverSpans } = await import('@xnai/service/trace-child');
    handOverSpans((span) => void parent.send({ type: 'span', span }));
  }
  const options = {
    signal: stopped.signal,
    ask,
    onHeartbeat: (heartbeat: Heartbeat) => void parent.send(heartbeat),
    onLog: (fields: object, message: string) => void parent.send({ type: 'log', fields, message }),
    onBrowserFailed: () => void parent.send({ type: 'browser-failed' }),
    onOpened: assertNothingExposed,
  };
  const end = await inTrace(job.trace, () => runJob(job, options));
  await parent.send(end);
  process.exit(0);
}
