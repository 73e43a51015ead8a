import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { CheckResult } from '@xnai/contracts';
import { type Logger, ServiceError } from '@xnai/service';
import { isExecutable } from './is-executable.ts';
import type { BrowserProbe, BrowserSettings } from './probe-browser.ts';
import { runProbe } from './run-probe.ts';

/** What this machine has for a browser: found out once, at start, by trying. */
export interface BrowserWatch {
  readonly probe: Promise<BrowserProbe>;
  /** Ends a probe under way, whose processes are gone then. */
  close(): Promise<void>;
}

export interface BrowserConfig {
  readonly CRAWL_CHROMIUM?: string | undefined;
  readonly CRAWL_WORK_DIR: string;
}

export function watchBrowser(config: BrowserConfig, log: Logger): BrowserWatch {
  const given = config.CRAWL_CHROMIUM;
  const stopped = new AbortController();
  const request = {
    given,
    // biome-ignore lint/style/noProcessEnv: a system variable, not one of this service's.
    path: process.env['PATH'] ?? '',
    workDir: join(config.CRAWL_WORK_DIR, `probe-${process.pid}-${randomBytes(3).toString('hex')}`),
  };
  const isThere = given === undefined || isExecutable(given);
  const probe: Promise<BrowserProbe> = isThere
    ? runProbe(request, stopped.signal)
    : Promise.resolve({ kind: 'absent', why: 'CRAWL_CHROMIUM is no program' });
  void probe.then((found) => report(found, log));
  return {
    probe,
    async close() {
      stopped.abort();
      await probe;
    },
  };
}

function report(probe: BrowserProbe, log: Logger): void {
  if (probe.kind === 'absent')
    log.info({ why: probe.why }, 'no browser: pages are crawled without their scripts');
  else if (!probe.settings.isSandboxed) {
    log.warn(
      { why: probe.why },
      'CHROMIUM RUNS WITHOUT ITS SANDBOX: a page that breaks out of it is this user',
    );
  }
}

export function browserSettings(probe: BrowserProbe): BrowserSettings | undefined {
  return probe.kind === 'ready' ? probe.settings : undefined;
}

/** @throws ServiceError BROWSER_NOT_AVAILABLE */
export async function requireBrowser({ probe }: BrowserWatch): Promise<void> {
  if ((await probe).kind === 'absent') throw new ServiceError('BROWSER_NOT_AVAILABLE');
}

/** @throws when there is a browser that would run without its sandbox */
export async function requireSandbox({ probe }: BrowserWatch): Promise<void> {
  const found = await probe;
  if (found.kind === 'absent' || found.settings.isSandboxed) return;
  const message = `CRAWL_REQUIRE_SANDBOX: Chromium's sandbox does not work here (${found.why})`;
  throw Object.assign(new Error(message), { forOperator: true });
}

export async function browserCheck({ probe }: BrowserWatch): Promise<CheckResult> {
  const found = await probe;
  return found.kind === 'ready' ? { status: 'ok' } : { status: 'absent', detail: found.why };
}

export async function sandboxCheck({ probe }: BrowserWatch): Promise<CheckResult> {
  const found = await probe;
  // Without a browser there is nothing to be kept in.
  if (found.kind === 'absent' || found.settings.isSandboxed) return { status: 'ok' };
  return { status: 'degraded', ...(found.why === undefined ? {} : { detail: found.why }) };
}
