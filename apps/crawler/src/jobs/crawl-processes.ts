import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeEnd } from '@xnai/service/child';
import { makeFolderSync } from '@xnai/service/make-folder';
import type { FastifyBaseLogger } from 'fastify';
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
    const workDir = join(folder, `ready-${randomUUID()}`);
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
      if (!isClosed)
        log.warn(
          { why: describeEnd(end), stderr: end.stderrTail },
          'the process kept ready for the next crawl has ended',
        );
    });
  }

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

async function removeFolder(workDir: string, log: FastifyBaseLogger): Promise<void> {
  try {
    await rm(workDir, { recursive: true, force: true });
  } catch (error) {
    log.warn({ workDir, reason: (error as Error).message }, 'the folder of a process kept ready stays');
  }
}
