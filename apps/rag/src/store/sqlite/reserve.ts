import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Enough for the log of a deletion, and for what the log before it holds. */
const RESERVE_BYTES = 4 * 1024 ** 2;
/** On a small disk it is no more than this part of what is free. */
const SHARE_OF_FREE = 8;

/**
 * Room on the disk beside the index, which is given up when a deletion needs it: a deletion, too, is written to the log
 * before it gives room back.
 */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;
  #isThere = false;

  constructor(indexPath: string) {
    this.#path = `${indexPath}-reserve`;
    this.#bytes = Math.min(RESERVE_BYTES, Math.floor(freeBytes(indexPath) / SHARE_OF_FREE));
  }

  release(): void {
    rmSync(this.#path, { force: true });
    this.#isThere = false;
  }

  /** Does nothing while the disk has no room for it. */
  restore(): void {
    if (this.#isThere) return;
    try {
      const file = openSync(this.#path, 'w', 0o600);
      try {
        for (let at = 0; at < this.#bytes; ) {
          at += writeSync(file, Buffer.alloc(Math.min(65_536, this.#bytes - at)));
        }
      } finally {
        closeSync(file);
      }
      this.#isThere = true;
    } catch {
      this.release();
    }
  }
}

/** Of the disk on which a file is. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}
