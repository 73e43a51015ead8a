import { relative } from 'node:path';

/** A socket's path holds at most 107 bytes (unix(7)), and Chromium adds 46 to its temporary folder. */
const MAX_BYTES = 107 - 46;

/**
 * The name of `folder` for Chromium's `TMPDIR`: absolute, or relative to this process's working directory, which Chromium
 * inherits, where the absolute path is too long for its sockets. (A path through `/proc/<pid>/fd` would be short, too, but
 * every renderer crashes with it.)
 *
 * @throws {Error} when both are too long
 */
export function temporaryFolder(folder: string, cwd: string = process.cwd()): string {
  const name = [folder, relative(cwd, folder)].find((path) => Buffer.byteLength(path) <= MAX_BYTES);
  if (name !== undefined) return name;
  throw new Error(`the path of the work folder is too long for Chromium's sockets: ${folder}`);
}
