import { workerData } from 'node:worker_threads';
import type { Database } from './database.ts';
import { READS } from './read.ts';
import { openForReading } from './schema.ts';
import { serve } from './serve.ts';

export interface ReaderData {
  readonly path: string;
}

export interface ReadRequest {
  readonly read: keyof typeof READS;
  readonly args: readonly unknown[];
}

const { path } = workerData as ReaderData;

export const { open, answer } = serve(() => openForReading(path), inSnapshot);

/** One read transaction per request: its statements see one state of the index. */
function inSnapshot(db: Database, { read, args }: ReadRequest): unknown {
  const run = READS[read] as (db: Database, ...args: readonly unknown[]) => unknown;
  db.exec('BEGIN');
  try {
    return run(db, ...args);
  } finally {
    db.exec('COMMIT');
  }
}
