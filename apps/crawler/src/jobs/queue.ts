import type { Deadline } from '@xnai/resilience';

/** How a worker left a job: `later` puts it back for whoever is next. */
export type WorkResult = 'done' | 'later';

/** The queue of crawls that wait for a worker. A crawl is in it once, by its id. */
export interface CrawlQueue {
  /** Adds a crawl, with the time by which it ends; does nothing when it is there already. */
  add(id: string, deadline: Deadline): Promise<void>;
  /** Takes out a crawl that waits; false when a worker has it, or it is not there. */
  remove(id: string): Promise<boolean>;
  has(id: string): Promise<boolean>;
}

export interface ClosableQueue extends CrawlQueue {
  close(): Promise<void>;
}

/** Why the signal of a job is aborted when its lock could not be kept: another worker has it, or nobody any more. */
export class JobLost extends Error {
  constructor() {
    super('the job is no longer ours');
    this.name = 'JobLost';
  }
}

export interface QueuedCrawl {
  readonly id: string;
  readonly deadline: Deadline | undefined;
}

export interface WorkOptions {
  /** Crawls at a time in this process. */
  readonly concurrency: number;
  /** A worker not heard of for so long has lost its jobs to the others. */
  readonly lockMs: number;
  /** The signal says that the job is no longer this worker's. */
  readonly work: (job: QueuedCrawl, signal: AbortSignal) => Promise<WorkResult>;
  readonly onError: (error: unknown) => void;
}

export interface CrawlWorker {
  /** Takes no more jobs, has those under way put back, and ends. */
  close(): Promise<void>;
}
