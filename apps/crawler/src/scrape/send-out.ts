import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Code, PageReason, Render } from '@xnai/contracts';
import type { EgressCounts } from '@xnai/egress';
import { createLimiter, type Family, startTimeLimit, type Verdict } from '@xnai/resilience';
import { ServiceError } from '@xnai/service';
import { makeFolder } from '@xnai/service/make-folder';
import { killProcessesOf } from '../browser/kill-processes-of.ts';
import { renderMode } from '../browser/render-mode.ts';
import { browserSettings, requireBrowser } from '../browser/watch-browser.ts';
import { isPassingStatus, throughHost, verdictOnStatus } from '../hosts.ts';
import { type CrawlServiceDeps, checkUrl } from '../jobs/submit.ts';
import type { HostGate } from '../redis/host-gate.ts';
import { lackOfSpace } from '../work-dir.ts';
import { runVisit } from './run-visit.ts';
import type { VisitEnd, Visited, VisitFailure, VisitJob, VisitKind, Visits } from './visit.ts';

export interface SendOutDeps extends Pick<CrawlServiceDeps, 'fetcher' | 'dns' | 'browser'> {
  readonly workDir: string;
  readonly userAgent: string;
  readonly allowedOrigins: readonly string[];
  /** At a time; as many again may wait. */
  readonly atOnce: number;
  readonly hosts: Family;
  readonly gate: HostGate;
  /** The share of the usual work that there is memory for, from 0 to 1. */
  readonly budget: () => number;
  readonly onEgress: (counts: EgressCounts) => void;
}

/** @throws {ServiceError} as `createSendOut` says */
export type SendOut = <K extends VisitKind>(
  kind: K,
  request: Visits[K]['request'],
  signal: AbortSignal,
) => Promise<Visited<K>>;

const VISIT_MS = 60_000;

/**
 * Sends out for pages while the client waits, each time in a process of its own.
 *
 * @throws {ServiceError} VALIDATION, TARGET_NOT_PUBLIC, PAGE_DISALLOWED, PAGE_NOT_FETCHED, DOCUMENT_NOT_READABLE,
 * BROWSER_NOT_AVAILABLE, OVERLOADED, STORAGE_FULL, DEADLINE_EXCEEDED
 */
export function createSendOut(deps: SendOutDeps): SendOut {
  const limiter = createLimiter(deps.atOnce);
  let present = 0;

  return async function sendOut<K extends VisitKind>(
    kind: K,
    request: Visits[K]['request'],
    signal: AbortSignal,
  ): Promise<Visited<K>> {
    await checkUrl(deps, request.url, signal);
    if (renderMode(request) === 'always') await requireBrowser(deps.browser);
    if (present >= deps.atOnce * 2 * deps.budget()) {
      throw new ServiceError('OVERLOADED', {
        detail: 'Too many pages are being fetched for clients that wait',
        retryAfterMs: 5000,
      });
    }
    present += 1;
    try {
      using _slot = await limiter.acquire(signal);
      const fetch = (within: AbortSignal) => run(deps, { kind, request }, within);
      const end = await throughHost(deps.hosts, request.url, fetch, { signal, verdictOf });
      deps.onEgress(end.egress);
      if (end.type === 'done') {
        if (end.result.degraded.includes('browser')) deps.browser.doubt();
        return end.result;
      }
      if (end.type === 'no-browser') {
        deps.browser.doubt();
        throw new ServiceError('BROWSER_NOT_AVAILABLE');
      }
      if (end.type === 'host-busy') {
        const detail =
          'The host is asked by other crawls and clients, or it rests; its turn for this one did not come';
        throw new ServiceError('OVERLOADED', { detail, retryAfterMs: Math.max(end.retryMs, 1000) });
      }
      throw toServiceError(end);
    } finally {
      present -= 1;
    }
  };
}

/** What ended the process says nothing about the host, and neither does a page that is not allowed. */
function verdictOf<K extends VisitKind>(end: VisitEnd<K>): Verdict {
  if (end.type === 'no-browser' || end.type === 'host-busy') return 'ignored';
  if (end.type === 'done') {
    const { result } = end;
    return 'httpStatus' in result ? verdictOnStatus({ status: result.httpStatus }) : 'success';
  }
  if (end.status !== undefined) return isPassingStatus(end.status) ? 'failure' : 'ignored';
  return end.retryable ? 'failure' : 'ignored';
}

async function run<K extends VisitKind>(
  deps: SendOutDeps,
  work: Pick<VisitJob<K>, 'kind' | 'request'>,
  signal: AbortSignal,
): Promise<VisitEnd<K>> {
  const lack = await lackOfSpace(deps.workDir);
  if (lack !== undefined)
    throw new ServiceError('STORAGE_FULL', { detail: `The page was not fetched: ${lack}` });
  const workDir = join(deps.workDir, `visit-${randomBytes(6).toString('hex')}`);
  const { userAgent, allowedOrigins } = deps;
  const { render }: { readonly render: Render } = work.request;
  const browser = render === 'never' ? undefined : browserSettings(await deps.browser.probe());
  await makeFolder(workDir);
  try {
    return await runInTime(deps, { ...work, userAgent, allowedOrigins, browser, workDir }, signal);
  } finally {
    await killProcessesOf(workDir);
    await rm(workDir, { recursive: true, force: true });
  }
}

async function runInTime<K extends VisitKind>(
  { gate }: Pick<SendOutDeps, 'gate'>,
  job: VisitJob<K>,
  signal: AbortSignal,
): Promise<VisitEnd<K>> {
  using limit = startTimeLimit({
    timeoutMs: VISIT_MS,
    signal,
    reason: () => new ServiceError('DEADLINE_EXCEEDED'),
  });
  const end = await runVisit(job, gate, limit.signal);
  if (end !== undefined) return end;
  const { aborted, reason } = limit.signal;
  if (reason instanceof ServiceError) throw reason;
  if (aborted) throw new ServiceError('SHUTTING_DOWN');
  throw new ServiceError('PAGE_NOT_FETCHED', { detail: 'The page ended the process that read it' });
}

const CODES: Readonly<Partial<Record<PageReason, Code>>> = {
  'url-invalid': 'VALIDATION',
  'not-public': 'TARGET_NOT_PUBLIC',
  robots: 'PAGE_DISALLOWED',
  'content-type': 'DOCUMENT_NOT_READABLE',
  charset: 'DOCUMENT_NOT_READABLE',
  'too-large': 'DOCUMENT_NOT_READABLE',
  'extract-failed': 'DOCUMENT_NOT_READABLE',
};

function toServiceError({ reason, message, status }: VisitFailure): ServiceError {
  const detail = status === undefined ? message : `${message} (status ${status})`;
  return new ServiceError(CODES[reason] ?? 'PAGE_NOT_FETCHED', { detail });
}
