import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ServiceName, smallProcess } from '@xnai/dev/service-process';
import type { MemoryGroup } from '@xnai/testing';

export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

export interface StartServiceOptions {
  readonly name: ServiceName;
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  /** Of another checkout that is set up. Default: this one. */
  readonly root?: string | undefined;
  /** The command that starts it, inside another one. */
  readonly within?: MemoryGroup['command'] | undefined;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/** Starts an app as `npm start` would and waits until it serves. Its log goes to our standard error. */
export async function startService({
  name,
  url,
  env,
  root = ROOT,
  within = (command, args) => [command, args],
}: StartServiceOptions): Promise<ServiceProcess> {
  const main = join(root, `apps/${name}/src/main.ts`);
  const small = smallProcess(name);
  const child = spawn(...within(process.execPath, [...small.args, main]), {
    env: { ...small.env, ...inheritedEnv(), ...env },
    stdio: ['ignore', 2, 2],
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  try {
    await waitUntilReady(url, () => child.exitCode === null && child.signalCode === null);
  } catch (error) {
    await stop();
    throw new Error(`${name} did not start`, { cause: error });
  }
  return { pid: child.pid ?? 0, url, stop, [Symbol.asyncDispose]: stop };
}

/** Settings of the caller's own stack stay out of it. */
function inheritedEnv(): NodeJS.ProcessEnv {
  const own = /^(?:RAG_|CRAWL_|XNAI_|REDIS_|LOG_DIR$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !own.test(key)));
}

async function waitUntilReady(url: string, isAlive: () => boolean): Promise<void> {
  const endMs = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < endMs) {
    if (!isAlive()) throw new Error('it ended at once');
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await sleep(50);
  }
  throw new Error(`not ready after ${START_TIMEOUT_MS / 1000} s`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Resident memory of a process and its highest so far, in MiB. */
export async function memoryOf(pid: number): Promise<{ readonly rssMb: number; readonly peakMb: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { rssMb: Math.round(read('VmRSS')), peakMb: Math.round(read('VmHWM')) };
}

/** Processor time of a process, and of its children that have ended, in ms. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // Behind the name in brackets: utime, stime, cutime and cstime, in ticks of 10 ms.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) * 10;
}
