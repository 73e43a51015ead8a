import { statfs } from 'node:fs/promises';

const KEEP_FREE_BYTES = 4 * 1024 ** 2;
/** The limit in a folder for which the above would be too much. */
const KEEP_FREE_SHARE = 0.05;
/** The profile of a browser has a few hundred files. */
const KEEP_FREE_FILES = 16;

/** Describes the lack of space in a folder, with its figure; undefined while there is enough. */
export async function lackOfSpace(folder: string): Promise<string | undefined> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(folder);
  const [total, free] = [blocks * bsize, bavail * bsize];
  // Some file systems do not count, and report zero.
  if (total > 0 && free < Math.min(KEEP_FREE_BYTES, total * KEEP_FREE_SHARE)) {
    return `the work folder is full: ${inMebibytes(free)} of ${inMebibytes(total)} MiB are free`;
  }
  if (files > 0 && ffree < Math.min(KEEP_FREE_FILES, files * KEEP_FREE_SHARE)) {
    return `the work folder is full: ${ffree} of ${files} files are free`;
  }
  return undefined;
}

function inMebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
