import { mkdir, rm } from 'node:fs/promises';
import { startTimeLimit } from '@xnai/resilience';
import { askChild } from '@xnai/service/ask-child';
import { killProcessesOf } from './kill-processes-of.ts';
import type { BrowserProbe } from './probe-browser.ts';
import type { ProbeRequest } from './probe-process.ts';

const ENTRY = new URL('./probe-process.ts', import.meta.url);
/** Two browsers may have to be tried, and each be given up. */
const PROBE_MS = 60_000;

/** Who tries it; only root can be another. */
export interface ProbeUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** Tries out the browser in a process of its own, of which nothing is left afterwards. */
export async function runProbe(
  request: ProbeRequest,
  signal: AbortSignal,
  user: ProbeUser = {},
): Promise<BrowserProbe> {
  const { workDir } = request;
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  using limit = startTimeLimit({ timeoutMs: PROBE_MS, signal });
  const probe = await askChild<ProbeRequest, BrowserProbe>(ENTRY, request, {
    ...user,
    cwd: workDir,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: 'ignore',
    env: { NODE_ENV: 'production', TMPDIR: workDir, HOME: workDir },
    signal: limit.signal,
  }).catch((error: Error): BrowserProbe => ({ kind: 'absent', why: `it could not be tried: ${error.name}` }));
  await killProcessesOf(workDir);
  await rm(workDir, { recursive: true, force: true });
  return probe;
}
