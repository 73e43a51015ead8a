import { join } from 'node:path';
import { describeEnd, forkChild } from '@xnai/service/child';
import { killProcessesOf } from '../browser/kill-processes-of.ts';
import type { Ask } from '../crawl/known-pages.ts';
import type { CrawlEnd, CrawlJob, FromChild, Heartbeat, ToChild } from '../crawl/messages.ts';

/** The process ended without a report of how its crawl ended. */
export interface Crashed {
  readonly type: 'crashed';
  readonly why: string;
  /** The end of its standard error. */
  readonly stderr: string;
}

export interface RunChildOptions {
  readonly entry: URL;
  readonly job: CrawlJob;
  /** A folder that the process may write to. */
  readonly workDir: string;
  /** When aborted, the process is asked to stop, and killed when it has not ended after `graceMs`. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
  /** Maximum time between two heartbeats; after it the process counts as hung and is killed. */
  readonly watchdogMs: number;
  /** Answers what the process asks about its collection. */
  readonly ask: Ask;
  readonly onHeartbeat: (heartbeat: Heartbeat) => void;
  readonly onLog: (fields: object, message: string) => void;
  readonly onBrowserFailed: () => void;
}

/** Runs one crawl in a process of its own. When this returns, that process and all processes that it started have ended. */
export async function runChild(options: RunChildOptions): Promise<CrawlEnd | Crashed> {
  const { entry, job, workDir, signal, graceMs, watchdogMs } = options;
  if (signal.aborted) return { type: 'stopped', code: 'STOPPING' };
  let end: CrawlEnd | undefined;
  let grace: NodeJS.Timeout | undefined;
  await using child = forkChild<ToChild, FromChild>(entry, {
    cwd: workDir,
    env: environmentOf(options),
    execArgv: [
      `--max-old-space-size=${Math.round(job.memoryMb * 0.6)}`,
      '--disable-warning=ExperimentalWarning',
    ],
    memory: { maxRssBytes: job.memoryMb * 1024 ** 2 },
    signal,
    graceMs,
    askToStop: () => child.send({ type: 'stop' }),
    onMessage(message) {
      if (message.type === 'log') return options.onLog(message.fields, message.message);
      if (message.type === 'browser-failed') return options.onBrowserFailed();
      if (message.type === 'ask') return void answer(message);
      if (message.type !== 'heartbeat') {
        end = message;
        // The process now ends by itself; otherwise it is killed.
        grace ??= setTimeout(() => child.kill('it did not end'), graceMs);
        return;
      }
      watchdog.refresh();
      options.onHeartbeat(message);
    },
  });
  async function answer({ number, question }: Extract<FromChild, { type: 'ask' }>): Promise<void> {
    child.send({ type: 'answer', number, answer: await options.ask(question) });
  }
  const watchdog = setTimeout(() => child.kill('it hung'), watchdogMs);
  child.send({ type: 'start', job });
  const ended = await child.ended;
  clearTimeout(watchdog);
  clearTimeout(grace);
  // Browser processes have process groups of their own.
  await killProcessesOf(workDir);
  return end ?? { type: 'crashed', why: describeEnd(ended), stderr: ended.stderrTail };
}

/** The whole environment of the process. It contains no secret. */
function environmentOf({ job, workDir }: RunChildOptions): Record<string, string> {
  return {
    NODE_ENV: 'production',
    TMPDIR: workDir,
    HOME: workDir,
    // All crawls share it, which halves the time that a process needs to start.
    NODE_COMPILE_CACHE: join(workDir, '..', 'compile-cache'),
    CRAWLEE_STORAGE_DIR: workDir,
    CRAWLEE_MEMORY_MBYTES: String(job.memoryMb),
    CRAWLEE_CONTAINERIZED: '1',
  };
}
