import { fork } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
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
  const { promise, resolve } = Promise.withResolvers<BrowserProbe>();
  const child = fork(ENTRY, [], {
    ...user,
    cwd: workDir,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: 'ignore',
    env: { NODE_ENV: 'production', TMPDIR: workDir, HOME: workDir },
    signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]),
    killSignal: 'SIGKILL',
  });
  child.once('message', (probe) => resolve(probe as BrowserProbe));
  child.once('error', (error) => resolve({ kind: 'absent', why: `it could not be tried: ${error.name}` }));
  child.once('exit', () => resolve({ kind: 'absent', why: 'it could not be tried' }));
  child.send(request, () => {});
  const probe = await promise;
  await killProcessesOf(workDir);
  await rm(workDir, { recursive: true, force: true });
  return probe;
}
