import { statfs } from 'node:fs/promises';

const KEEP_FREE_BYTES = 4 * 1024 ** 2;
/** Of a folder so small that the above would be most of it. */
const KEEP_FREE_SHARE = 0.05;
/** A browser's profile is some hundred files. */
const KEEP_FREE_FILES = 16;

/** What is wrong with the room in a folder, with its figure; undefined while there is enough to go on. */
export async function lackOfSpace(folder: string): Promise<string | undefined> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(folder);
  const [total, free] = [blocks * bsize, bavail * bsize];
  // Some file systems do not count: all is zero there.
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
