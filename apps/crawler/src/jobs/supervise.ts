import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Crawl, CrawlRequest } from '@xnai/contracts';
import { type Deadline, toJobData } from '@xnai/resilience';
import type { Logger, Tracing } from '@xnai/service';
import { makeFolder } from '@xnai/service/make-folder';
import { currentTrace, inTrace } from '@xnai/service/trace';
import type { ChromiumSettings } from '../browser/launch-chromium.ts';
import type { Ask } from '../crawl/known-pages.ts';
import type { CrawlJob, Heartbeat } from '../crawl/messages.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LostCrawl } from '../ledger/lost-record.ts';
import { startPolling } from '../poll.ts';
import { lackOfSpace } from '../work-dir.ts';
import type { CrawlProcess } from './crawl-process.ts';
import { runChild } from './process.ts';
import { JobLost, type Work, type WorkResult } from './queue.ts';

export interface CrawlWorkDeps {
  /** Waits while Redis is away. */
  readonly ledger: Ledger;
  readonly log: Logger;
  readonly workDir: string;
  /** Opens the process of a crawl, which may write to this folder. */
  readonly open: (workDir: string) => CrawlProcess;
  /** Answers what the process of a crawl asks about its collection. */
  readonly answer: (request: CrawlRequest, signal: AbortSignal) => Ask;
  /** The settings of every crawl's process. */
  readonly settings: Omit<
    CrawlJob,
    'id' | 'fence' | 'request' | 'workDir' | 'browser' | 'deadlineAtMs' | 'trace'
  >;
  /** The browser of this machine; resolves when it has been probed. */
  readonly browser?: () => Promise<ChromiumSettings | undefined>;
  /** Called when a crawl reports a failure of the browser. */
  readonly onBrowserFailed?: () => void;
  readonly onHeartbeat: (crawlId: string, heartbeat: Heartbeat) => void;
  readonly onEnd: (crawlId: string) => void;
  /** Takes the spans of a crawl's process. */
  readonly tracing: Pick<Tracing, 'take'> | undefined;
  /** Default: each crawl runs in a process of its own. */
  readonly run?: RunCrawl;
  readonly pollMs?: number;
  readonly watchdogMs?: number;
}

export type RunCrawl = typeof runChild;

/** A crawl fails when its process has crashed this many times; after an earlier crash a new process continues it. */
const MAX_CRASHES = 3;

/** Works on a crawl until it has ended, or the signal is aborted because another worker may own the job. */
export function createCrawlWork(deps: CrawlWorkDeps): Work {
  return async function work({ id, deadline }, signal) {
    for (let crashes = 0; ; ) {
      const taken = await take(deps.ledger, id);
      if (taken === undefined) return 'done';
      const step = await runOnce(deps, { ...taken, deadline }, signal);
      if (step.kind === 'again') continue;
      if (step.kind !== 'crashed') return step.kind;
      crashes += 1;
      deps.log.error({ crawlId: id, why: step.why, stderr: step.stderr, crashes }, 'crawl process crashed');
      if (crashes < MAX_CRASHES) continue;
      const error = `The process of the crawl ended unexpectedly: ${step.why}`;
      await deps.ledger.fail(id, error, { fence: taken.fence });
      return 'done';
    }
  };
}

async function take(ledger: Ledger, id: string): Promise<Taken | undefined> {
  const begin = await ledger.claim(id);
  if (begin.kind === 'stopping') await ledger.endCancelled(id);
  if (begin.kind !== 'run') return undefined;
  const request = await ledger.request(id);
  return request === undefined ? undefined : { id, fence: begin.fence, request };
}

interface Taken {
  readonly id: string;
  readonly fence: string;
  readonly request: CrawlRequest;
  readonly deadline?: Deadline | undefined;
}

type Step =
  | { readonly kind: WorkResult }
  /** A new process fetches again what Redis may have lost, by the records that are left. */
  | { readonly kind: 'again' }
  | { readonly kind: 'crashed'; readonly why: string; readonly stderr: string };

async function runOnce(deps: CrawlWorkDeps, taken: Taken, signal: AbortSignal): Promise<Step> {
  const { ledger, log, settings, run = runChild, watchdogMs = 60_000 } = deps;
  const { id, fence, request, deadline } = taken;
  const lack = await lackOfSpace(deps.workDir);
  if (lack !== undefined) return endFull(deps, taken, lack);
  // Of this run: its processes are killed and it is removed at the end, when another run of the crawl may have begun.
  const workDir = join(deps.workDir, `${id}-${randomUUID()}`);
  await makeFolder(workDir);
  const browser = request.render === 'never' ? undefined : await deps.browser?.();
  const before = await ledger.get(id);
  using watch = watchState(deps, id);
  const pages: Record<string, number> = {};
  const stop = AbortSignal.any([signal, watch.signal]);
  const answer = deps.answer(request, stop);
  const trace = currentTrace();
  const startMs = performance.now();
  log.info({ crawlId: id, url: request.url }, 'crawl process started');
  const end = await run({
    open: () => deps.open(workDir),
    job: {
      ...settings,
      id,
      fence,
      request,
      workDir,
      browser,
      ...(deadline && toJobData(deadline)),
      trace,
    },
    signal: stop,
    // It asks by a message, which belongs to no trace.
    ask: (question) => inTrace(trace, () => answer(question)),
    watchdogMs,
    onHeartbeat(heartbeat) {
      for (const [status, n] of Object.entries(heartbeat.pages)) pages[status] = (pages[status] ?? 0) + n;
      deps.onHeartbeat(id, heartbeat);
    },
    onLog: (fields, message) => log.warn(fields, message),
    onBrowserFailed: () => deps.onBrowserFailed?.(),
    onSpan: (span) => deps.tracing?.take(span),
  }).finally(() => deps.onEnd(id));
  await rm(workDir, { recursive: true, force: true });
  log.info(
    { crawlId: id, end: end.type, ms: Math.round(performance.now() - startMs) },
    'crawl process ended',
  );

  if (end.type === 'finished') {
    if (await ledger.markCrawled(id, fence, end)) return { kind: 'done' };
    log.warn({ crawlId: id }, 'Redis was restarted meanwhile: the crawl is gone through once more');
    return { kind: 'again' };
  }
  const known = { ...taken, lost: { request, before, last: watch.last, pages } };
  if (signal.aborted) return afterAbort(ledger, known, signal);
  if (watch.lack !== undefined) return endFull(deps, taken, watch.lack);
  return afterStop(ledger, known, watch.seen, end);
}

/** Ends a crawl because the work folder is full. Its own folder is removed by then, which makes room for other crawls. */
async function endFull({ ledger, log }: CrawlWorkDeps, { id, fence }: Taken, lack: string): Promise<Step> {
  log.error({ crawlId: id, lack }, 'crawl ended because the work folder is full');
  await ledger.fail(id, `The crawl was ended because ${lack}`, { fence, stopReason: 'storage' });
  return { kind: 'done' };
}

interface KnownCrawl extends Taken {
  readonly lost: LostCrawl;
}

/** The lock was lost either to another worker, which continues the crawl, or because Redis lost all its data. */
async function afterAbort(ledger: Ledger, { id, lost }: KnownCrawl, signal: AbortSignal): Promise<Step> {
  if (signal.reason instanceof JobLost && (await ledger.state(id)) === undefined) {
    await ledger.recordLost(id, lost, LOST);
    return { kind: 'done' };
  }
  return { kind: 'later' };
}

const LOST = 'Redis lost its data while the crawl ran';

type Interrupted = Exclude<Awaited<ReturnType<typeof runChild>>, { type: 'finished' }>;

async function afterStop(
  ledger: Ledger,
  { id, lost }: KnownCrawl,
  seen: Seen,
  end: Interrupted,
): Promise<Step> {
  // A process that was stopped from here reports only that it was stopped; the reason is in `seen`.
  const code = end.type === 'stopped' && seen === undefined ? end.code : undefined;
  if (seen === 'stopping' || code === 'STOPPING') {
    await ledger.endCancelled(id);
    return { kind: 'done' };
  }
  if (seen === 'gone' || code === 'GONE') {
    await ledger.recordLost(id, lost, LOST);
    return { kind: 'done' };
  }
  if (end.type === 'stopped') return { kind: 'done' };
  if (end.type === 'crashed') return { kind: 'crashed', why: end.why, stderr: end.stderr };
  return { kind: 'crashed', why: 'Redis could not be reached', stderr: '' };
}

type Seen = 'stopping' | 'gone' | undefined;

/** Polls whether the crawl was cancelled on any replica, and whether the work folder still has space. */
function watchState({ ledger, workDir, pollMs = 400 }: CrawlWorkDeps, id: string) {
  const stop = new AbortController();
  const watch = {
    signal: stop.signal,
    seen: undefined as Seen,
    lack: undefined as string | undefined,
    last: undefined as Crawl | undefined,
    [Symbol.dispose]: () => polling[Symbol.dispose](),
  };
  const look = async () => {
    watch.lack ??= await lackOfSpace(workDir);
    if (watch.lack !== undefined) return stop.abort(new Error(watch.lack));
    const found = await ledger.get(id);
    watch.last = found ?? watch.last;
    if (found !== undefined && found.status !== 'stopping') return;
    watch.seen = found === undefined ? 'gone' : 'stopping';
    stop.abort(new Error('the crawl was asked to stop'));
  };
  // An error means that Redis is away, for which the crawl's own writes wait as well.
  const polling = startPolling(look, pollMs);
  return watch;
}
