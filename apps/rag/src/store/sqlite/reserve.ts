import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Enough for the log of a deletion; a collection is deleted in steps where it is not. */
const RESERVE_BYTES = 4 * 1024 ** 2;
/** On a small disk it is no more than this part of what is free. */
const SHARE_OF_FREE = 16;

/**
 * Room on the disk beside the index, which is given up when a deletion needs it: a deletion, too, is written to the log
 * before it gives room back.
 */
export class Reserve {
  readonly #path: string;
  #isThere = false;

  constructor(indexPath: string) {
    this.#path = `${indexPath}-reserve`;
  }

  release(): void {
    rmSync(this.#path, { force: true });
    this.#isThere = false;
  }

  /** Does nothing while the disk has no room for it. */
  restore(): void {
    if (this.#isThere) return;
    try {
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      const bytes = Math.min(RESERVE_BYTES, Math.floor((bavail * bsize) / SHARE_OF_FREE));
      const file = openSync(this.#path, 'w', 0o600);
      try {
        for (let at = 0; at < bytes; ) at += writeSync(file, Buffer.alloc(Math.min(65_536, bytes - at)));
      } finally {
        closeSync(file);
      }
      this.#isThere = true;
    } catch {
      this.release();
    }
  }
}
