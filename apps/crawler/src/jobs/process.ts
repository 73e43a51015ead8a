import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { killProcessesOf } from '../browser/kill-processes-of.ts';
import type { CrawlEnd, CrawlJob, FromChild, ToChild } from '../crawl/messages.ts';

/** The process ended without saying how its crawl ended. */
export interface Crashed {
  readonly type: 'crashed';
  /** Why, in a few words. */
  readonly why: string;
  /** The end of what it printed. */
  readonly stderr: string;
}

export type Heartbeat = Extract<FromChild, { type: 'heartbeat' }>;

export interface RunChildOptions {
  readonly entry: URL;
  readonly job: CrawlJob;
  /** A folder that the process may write to. */
  readonly workDir: string;
  /** Asks the process to leave off; it is killed when it has not after `graceMs`. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
  /** Without a heartbeat for so long, the process is taken for hung and killed. */
  readonly watchdogMs: number;
  readonly onHeartbeat: (heartbeat: Heartbeat) => void;
  readonly onLog: (fields: object, message: string) => void;
}

/** Runs one crawl in a process of its own, which is gone with all that it started when this returns. */
export function runChild(options: RunChildOptions): Promise<CrawlEnd | Crashed> {
  const { job, signal, graceMs, watchdogMs } = options;
  const { promise, resolve } = Promise.withResolvers<CrawlEnd | Crashed>();
  const child = startProcess(options);
  const stderr = keepTail(child);
  let end: CrawlEnd | undefined;
  let killedFor: string | undefined;
  const kill = (why: string) => {
    killedFor ??= why;
    killGroup(child);
  };
  let watchdog = setTimeout(kill, watchdogMs, 'it hung');
  let grace: NodeJS.Timeout | undefined;

  child.on('message', (message: FromChild) => {
    if (message.type === 'log') return options.onLog(message.fields, message.message);
    if (message.type !== 'heartbeat') {
      end = message;
      grace ??= setTimeout(kill, graceMs, 'it did not end');
      return;
    }
    clearTimeout(watchdog);
    watchdog = setTimeout(kill, watchdogMs, 'it hung');
    options.onHeartbeat(message);
    if (message.rssBytes > job.memoryMb * 1024 ** 2) kill(`it used more than ${job.memoryMb} MiB`);
  });

  const onAbort = () => {
    send(child, { type: 'stop' });
    grace ??= setTimeout(kill, graceMs, 'it did not stop');
  };
  signal.addEventListener('abort', onAbort, { once: true });
  child.once('close', (code, killSignal) => {
    clearTimeout(watchdog);
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
    killGroup(child);
    const how = end ?? { type: 'crashed', why: killedFor ?? exitOf(code, killSignal), stderr: stderr() };
    // A browser's processes are in groups of their own.
    void killProcessesOf(options.workDir).then(() => resolve(how));
  });
  child.once('error', (error) =>
    resolve({ type: 'crashed', why: 'it could not be started', stderr: error.message }),
  );
  send(child, { type: 'start', job });
  if (signal.aborted) onAbort();
  return promise;
}

/** In a process group of its own, with an environment that holds no secret. */
function startProcess({ entry, job, workDir }: RunChildOptions): ChildProcess {
  return fork(entry, [], {
    cwd: workDir,
    detached: true,
    execArgv: [
      `--max-old-space-size=${Math.round(job.memoryMb * 0.6)}`,
      '--disable-warning=ExperimentalWarning',
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      NODE_ENV: 'production',
      TMPDIR: workDir,
      HOME: workDir,
      // Shared by all crawls: a process starts in half the time.
      NODE_COMPILE_CACHE: join(workDir, '..', 'compile-cache'),
      CRAWLEE_STORAGE_DIR: workDir,
      CRAWLEE_MEMORY_MBYTES: String(job.memoryMb),
      CRAWLEE_CONTAINERIZED: '1',
    },
  });
}

function send(child: ChildProcess, message: ToChild): void {
  // A process that is gone already reports it by `close`.
  if (child.connected) child.send(message, () => {});
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const TAIL_LENGTH = 2000;

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_LENGTH);
  });
  return () => tail;
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
