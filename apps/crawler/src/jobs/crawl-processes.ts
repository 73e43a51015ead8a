import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChildEnd, describeEnd } from '@xnai/service/child';
import { makeFolderSync } from '@xnai/service/make-folder';
import type { FastifyBaseLogger } from 'fastify';
import { killProcessesOf } from '../browser/kill-processes-of.ts';
import { type CrawlProcess, type CrawlProcessOptions, forkCrawlProcess } from './crawl-process.ts';

export interface CrawlProcessesOptions extends Omit<CrawlProcessOptions, 'workDir'> {
  /** Where a process that is kept ready gets a folder of its own; undefined: none is kept. */
  readonly readyIn: string | undefined;
  /** Whether there is memory for a process that has nothing to do yet. */
  readonly hasRoom: () => boolean;
  readonly log: FastifyBaseLogger;
  readonly afterMs?: number;
}

/** The processes of crawls. While no crawl runs, one is kept ready for the next, which need not wait for its start then. */
export interface CrawlProcesses {
  /** The process for a crawl: the ready one, or another, which works in this folder. */
  open(workDir: string): CrawlProcess;
  /** Ends the one that is ready. */
  close(): Promise<void>;
}

/** The service starts first, and a crawl that waits for another to end takes a process of its own. */
const AFTER_MS = 3000;

export function createCrawlProcesses(options: CrawlProcessesOptions): CrawlProcesses {
  const { readyIn, hasRoom, log, afterMs = AFTER_MS, ...settings } = options;
  let ready: CrawlProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Settled when the last one that was kept ready has gone, and its folder with it. */
  let ended: Promise<void> = Promise.resolve();
  let running = 0;
  let isClosed = false;

  function prepareLater(): void {
    clearTimeout(timer);
    if (isClosed || readyIn === undefined) return;
    timer = setTimeout(() => {
      if (!hasRoom()) prepareLater();
      else if (running === 0) prepare(readyIn);
    }, afterMs).unref();
  }

  function prepare(folder: string): void {
    const workDir = join(folder, `ready-${process.pid}-${randomUUID()}`);
    try {
      makeFolderSync(workDir);
    } catch {
      // The next crawl says what is wrong with the folder.
      prepareLater();
      return;
    }
    const forked = forkCrawlProcess({ ...settings, workDir });
    ready = forked;
    ended = forked.child.ended.then(async (end) => {
      if (ready !== forked) return;
      ready = undefined;
      await removeFolder(workDir, log);
      // The next is prepared after the next crawl: what ends by itself would end again.
      if (!isClosed) warnOfEnd(end, log);
    });
  }

  if (readyIn !== undefined) void sweep(readyIn, log);
  prepareLater();
  return {
    open(workDir) {
      const opened = ready ?? forkCrawlProcess({ ...settings, workDir });
      ready = undefined;
      running += 1;
      void opened.child.ended.then(() => {
        running -= 1;
        prepareLater();
      });
      return opened;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      if (ready === undefined) return;
      await ready.child.kill('the service is stopping');
      await ended;
    },
  };
}

function warnOfEnd(end: ChildEnd, log: FastifyBaseLogger): void {
  log.warn(
    { why: describeEnd(end), stderr: end.stderrTail },
    'the process kept ready for the next crawl has ended',
  );
}

async function removeFolder(workDir: string, log: FastifyBaseLogger): Promise<void> {
  try {
    await rm(workDir, { recursive: true, force: true });
  } catch (error) {
    log.warn({ workDir, reason: (error as Error).message }, 'the folder of a process kept ready stays');
  }
}

/** Removes the folders of crawlers that were killed, with what still runs in them. */
async function sweep(folder: string, log: FastifyBaseLogger): Promise<void> {
  // At once: whatever is made from now on is of this process.
  for (const name of existsSync(folder) ? readdirSync(folder).filter(isLeft) : []) {
    await killProcessesOf(join(folder, name));
    await removeFolder(join(folder, name), log);
  }
}

function isLeft(name: string): boolean {
  const owner = Number(/^ready-(\d+)-/.exec(name)?.[1]);
  return owner > 0 && (owner === process.pid || !isAlive(owner));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
