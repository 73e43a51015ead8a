import { open, rm } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { threadTask } from '@xnai/service/thread-task';

export interface Copy {
  readonly from: string;
  /** Must not exist. */
  readonly to: string;
}

/** More pages than any index has: the copy is made in one step, so that no writer makes it begin again. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies an SQLite database that other connections may write to meanwhile, by SQLite's online backup. The copy is one
 * file, on the disk, and each of its pages was read and checked. Nothing is left of a copy that failed.
 */
export const copy = threadTask(async ({ from, to }: Copy): Promise<void> => {
  try {
    await copyPages(from, to);
    checkCopy(to);
    await using handle = await open(to);
    await handle.sync();
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
});

async function copyPages(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    await backup(source, to, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
}

function checkCopy(path: string): void {
  const db = new DatabaseSync(path);
  try {
    // Without a write-ahead log beside it, it can be read from a folder that is read-only.
    db.exec('PRAGMA journal_mode = DELETE');
    const fault = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (fault !== 'ok') throw new Error(`the copy is damaged: ${fault}`);
  } finally {
    db.close();
  }
}
