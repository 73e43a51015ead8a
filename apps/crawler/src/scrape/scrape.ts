import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Code, PageReason, ScrapedPage, ScrapeRequest } from '@xnai/contracts';
import type { EgressCounts } from '@xnai/egress';
import { createLimiter, type Family, startTimeLimit, type Verdict } from '@xnai/resilience';
import { ServiceError } from '@xnai/service';
import { askChild } from '@xnai/service/ask-child';
import { killProcessesOf } from '../browser/kill-processes-of.ts';
import { browserSettings, requireBrowser } from '../browser/watch-browser.ts';
import { isPassingStatus, throughHost } from '../hosts.ts';
import { type CrawlServiceDeps, checkUrl } from '../jobs/submit.ts';
import { lackOfSpace } from '../work-dir.ts';
import type { ScrapeEnd, ScrapeFailure, ScrapeJob } from './page.ts';

export interface ScraperDeps extends Pick<CrawlServiceDeps, 'fetcher' | 'dns' | 'browser'> {
  readonly workDir: string;
  readonly userAgent: string;
  readonly allowedOrigins: readonly string[];
  /** At a time; as many again may wait. */
  readonly atOnce: number;
  readonly hosts: Family;
  /** The share of the usual work that there is memory for, from 0 to 1. */
  readonly budget: () => number;
  readonly onEgress: (counts: EgressCounts) => void;
}

export type Scrape = (request: ScrapeRequest, signal: AbortSignal) => Promise<ScrapedPage>;

const ENTRY = new URL('./main.ts', import.meta.url);
const SCRAPE_MS = 60_000;

/**
 * Fetches one page and gives it as it is, each in a process of its own.
 *
 * @throws {ServiceError} VALIDATION, TARGET_NOT_PUBLIC, PAGE_DISALLOWED, PAGE_NOT_FETCHED, DOCUMENT_NOT_READABLE,
 * BROWSER_NOT_AVAILABLE, OVERLOADED, STORAGE_FULL, DEADLINE_EXCEEDED
 */
export function createScrape(deps: ScraperDeps): Scrape {
  const limiter = createLimiter(deps.atOnce);
  let present = 0;

  return async function scrape(request, signal) {
    await checkUrl(deps, request.url, signal);
    if (request.render === 'always') await requireBrowser(deps.browser);
    if (present >= deps.atOnce * 2 * deps.budget()) {
      throw new ServiceError('OVERLOADED', {
        detail: 'Too many pages are being scraped',
        retryAfterMs: 5000,
      });
    }
    present += 1;
    try {
      using _slot = await limiter.acquire(signal);
      const fetch = (within: AbortSignal) => run(deps, request, within);
      const end = await throughHost(deps.hosts, request.url, fetch, { signal, verdictOf });
      deps.onEgress(end.egress);
      if (end.type === 'page') {
        if (end.page.degraded.includes('browser')) deps.browser.doubt();
        return end.page;
      }
      if (end.type === 'no-browser') {
        deps.browser.doubt();
        throw new ServiceError('BROWSER_NOT_AVAILABLE');
      }
      throw toServiceError(end);
    } finally {
      present -= 1;
    }
  };
}

/** What ended the process of a scrape says nothing about the host, and neither does a page that is not allowed. */
function verdictOf(end: ScrapeEnd): Verdict {
  if (end.type !== 'failed') return end.type === 'page' ? 'success' : 'ignored';
  if (end.status !== undefined) return isPassingStatus(end.status) ? 'failure' : 'ignored';
  return end.retryable ? 'failure' : 'ignored';
}

async function run(deps: ScraperDeps, request: ScrapeRequest, signal: AbortSignal): Promise<ScrapeEnd> {
  const lack = await lackOfSpace(deps.workDir);
  if (lack !== undefined)
    throw new ServiceError('STORAGE_FULL', { detail: `The page was not fetched: ${lack}` });
  const workDir = join(deps.workDir, `scrape-${randomBytes(6).toString('hex')}`);
  const { userAgent, allowedOrigins } = deps;
  const browser = request.render === 'never' ? undefined : browserSettings(await deps.browser.probe());
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  try {
    return await askScraper({ request, userAgent, allowedOrigins, browser, workDir }, signal);
  } finally {
    await killProcessesOf(workDir);
    await rm(workDir, { recursive: true, force: true });
  }
}

async function askScraper(job: ScrapeJob, signal: AbortSignal): Promise<ScrapeEnd> {
  using limit = startTimeLimit({
    timeoutMs: SCRAPE_MS,
    signal,
    reason: () => new ServiceError('DEADLINE_EXCEEDED'),
  });
  try {
    return await askChild<ScrapeJob, ScrapeEnd>(ENTRY, job, {
      cwd: job.workDir,
      execArgv: ['--max-old-space-size=512', '--disable-warning=ExperimentalWarning'],
      stdio: 'ignore',
      env: {
        NODE_ENV: 'production',
        TMPDIR: job.workDir,
        HOME: job.workDir,
        NODE_COMPILE_CACHE: join(job.workDir, '..', 'compile-cache'),
      },
      signal: limit.signal,
    });
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    if (limit.signal.aborted) throw new ServiceError('SHUTTING_DOWN');
    throw new ServiceError('PAGE_NOT_FETCHED', { detail: 'The page ended the process that read it' });
  }
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

function toServiceError({ reason, message, status }: ScrapeFailure): ServiceError {
  const detail = status === undefined ? message : `${message} (status ${status})`;
  return new ServiceError(CODES[reason] ?? 'PAGE_NOT_FETCHED', { detail });
}
