import { join, resolve } from 'node:path';
import { type Child, forkChild } from '@xnai/service/child';
import type { FromChild, ToChild } from '../crawl/messages.ts';

export interface CrawlProcessOptions {
  readonly entry: URL;
  /** The folder that the process may write to. */
  readonly workDir: string;
  readonly memoryMb: number;
}

/** Time between asking the process to stop and killing it. */
export const GRACE_MS = 2000;

/** A process that has no crawl yet. It loads its code at once. */
export interface CrawlProcess {
  readonly child: Child<ToChild>;
  readonly workDir: string;
  /** To be set before a message is sent: it answers only. */
  onMessage: (message: FromChild) => void;
}

export function forkCrawlProcess(options: CrawlProcessOptions): CrawlProcess {
  const { entry, workDir, memoryMb } = options;
  const child: Child<ToChild> = forkChild<ToChild, FromChild>(entry, {
    cwd: workDir,
    env: environmentOf(options),
    execArgv: [`--max-old-space-size=${Math.round(memoryMb * 0.6)}`, '--disable-warning=ExperimentalWarning'],
    memory: { maxRssBytes: memoryMb * 1024 ** 2 },
    graceMs: GRACE_MS,
    askToStop: () => child.send({ type: 'stop' }),
    onMessage: (message) => forked.onMessage(message),
  });
  const forked: CrawlProcess = { child, workDir, onMessage: () => {} };
  return forked;
}

/** The whole environment of the process. It contains no secret. */
function environmentOf({ workDir, memoryMb }: CrawlProcessOptions): Record<string, string> {
  return {
    ...authorities(),
    NODE_ENV: 'production',
    TMPDIR: workDir,
    HOME: workDir,
    // All crawls share it, which halves the time that a process needs to start.
    NODE_COMPILE_CACHE: join(workDir, '..', 'compile-cache'),
    CRAWLEE_STORAGE_DIR: workDir,
    CRAWLEE_MEMORY_MBYTES: String(memoryMb),
    CRAWLEE_CONTAINERIZED: '1',
  };
}

/** Whom it trusts beside the authorities of Node.js: it speaks with the same Redis as this service, from another folder. */
function authorities(): Record<string, string> {
  // biome-ignore lint/style/noProcessEnv: Node.js reads them at its start, and they are no configuration of ours
  const { NODE_EXTRA_CA_CERTS: file, NODE_USE_SYSTEM_CA: system } = process.env;
  return {
    ...(file === undefined ? {} : { NODE_EXTRA_CA_CERTS: resolve(file) }),
    ...(system === undefined ? {} : { NODE_USE_SYSTEM_CA: system }),
  };
}
