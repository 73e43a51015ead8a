import { rm } from 'node:fs/promises';
import { startTimeLimit } from '@xnai/resilience';
import { askChild } from '@xnai/service/ask-child';
import { makeFolder } from '@xnai/service/make-folder';
import { killProcessesOf } from './kill-processes-of.ts';
import type { ChromiumSettings } from './launch-chromium.ts';

/**
 * The result of trying a browser. `why` names the obstacle: to any browser, or to Chromium's sandbox. `absent`: no browser
 * is installed; `broken`: there is one, and it cannot show a page.
 */
export type BrowserProbe =
  | { readonly kind: 'absent' | 'broken'; readonly why: string }
  | { readonly kind: 'ready'; readonly settings: ChromiumSettings; readonly why?: string };

export interface ProbeRequest {
  readonly executable: string;
  readonly workDir: string;
}

/** The user whose process tries the browser; only root can choose another user. */
export interface ProbeUser {
  readonly uid?: number;
  readonly gid?: number;
}

const ENTRY = new URL('./try-chromium.ts', import.meta.url);
/** Enough for two browsers that both fail to start within their own limit. */
const PROBE_MS = 60_000;

/** Tries the browser in a process of its own, because the service never loads Playwright. Nothing is left of it. */
export async function runProbe(
  request: ProbeRequest,
  signal: AbortSignal,
  user: ProbeUser = {},
): Promise<BrowserProbe> {
  const { workDir } = request;
  await makeFolder(workDir);
  using limit = startTimeLimit({ timeoutMs: PROBE_MS, signal });
  const probe = await askChild<ProbeRequest, BrowserProbe>(ENTRY, request, {
    ...user,
    cwd: workDir,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: 'ignore',
    env: { NODE_ENV: 'production', TMPDIR: workDir, HOME: workDir },
    signal: limit.signal,
  }).catch((error: Error): BrowserProbe => ({ kind: 'broken', why: `it could not be tried: ${error.name}` }));
  await killProcessesOf(workDir);
  await rm(workDir, { recursive: true, force: true });
  return probe;
}
