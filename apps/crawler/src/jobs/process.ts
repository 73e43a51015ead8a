import { rm } from 'node:fs/promises';
import { describeEnd } from '@xnai/service/child';
import type { SpanMessage } from '@xnai/service/trace-child';
import { killProcessesOf } from '../browser/kill-processes-of.ts';
import type { Ask } from '../crawl/known-pages.ts';
import type { CrawlEnd, CrawlJob, FromChild, Heartbeat } from '../crawl/messages.ts';
import { type CrawlProcess, GRACE_MS } from './crawl-process.ts';

/** The process ended without a report of how its crawl ended. */
export interface Crashed {
  readonly type: 'crashed';
  readonly why: string;
  /** The end of its standard error. */
  readonly stderr: string;
}

export interface RunChildOptions {
  /** Opens the process that the crawl gets. */
  readonly open: () => CrawlProcess;
  /** The folder of the process is its own. */
  readonly job: CrawlJob;
  /** When aborted, the process is asked to stop, and killed when it has not ended after `GRACE_MS`. */
  readonly signal: AbortSignal;
  /** Maximum time between two heartbeats; after it the process counts as hung and is killed. */
  readonly watchdogMs: number;
  /** Answers what the process asks about its collection. */
  readonly ask: Ask;
  readonly onHeartbeat: (heartbeat: Heartbeat) => void;
  readonly onLog: (fields: object, message: string) => void;
  readonly onBrowserFailed: () => void;
  readonly onSpan: (span: SpanMessage) => void;
}

/** Runs one crawl in a process of its own. When this returns, that process and all processes that it started have ended. */
export async function runChild(options: RunChildOptions): Promise<CrawlEnd | Crashed> {
  const { open, job, signal, watchdogMs } = options;
  if (signal.aborted) return { type: 'stopped', code: 'STOPPING' };
  let end: CrawlEnd | undefined;
  let grace: NodeJS.Timeout | undefined;
  const forked = open();
  const { workDir } = forked;
  await using child = forked.child;
  forked.onMessage = (message) => {
    if (message.type === 'log') return options.onLog(message.fields, message.message);
    if (message.type === 'browser-failed') return options.onBrowserFailed();
    if (message.type === 'span') return options.onSpan(message.span);
    if (message.type === 'ask') return void answer(message);
    if (message.type !== 'heartbeat') {
      end = message;
      // The process now ends by itself; otherwise it is killed.
      grace ??= setTimeout(() => child.kill('it did not end'), GRACE_MS);
      return;
    }
    watchdog.refresh();
    options.onHeartbeat(message);
  };
  async function answer({ number, question }: Extract<FromChild, { type: 'ask' }>): Promise<void> {
    child.send({ type: 'answer', number, answer: await options.ask(question) });
  }
  const stop = () => void child.stop();
  signal.addEventListener('abort', stop, { once: true });
  const watchdog = setTimeout(() => child.kill('it hung'), watchdogMs);
  child.send({ type: 'start', job: { ...job, workDir } });
  const ended = await child.ended;
  signal.removeEventListener('abort', stop);
  clearTimeout(watchdog);
  clearTimeout(grace);
  // Browser processes have process groups of their own.
  await killProcessesOf(workDir);
  await rm(workDir, { recursive: true, force: true });
  return end ?? { type: 'crashed', why: describeEnd(ended), stderr: ended.stderrTail };
}
