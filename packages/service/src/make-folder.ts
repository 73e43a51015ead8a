import { existsSync, mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** A folder cannot be made; `code` is that of the system. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
  readonly forOperator = true;
  readonly code: string;

  constructor(folder: string, cause: NodeJS.ErrnoException) {
    const { code = 'unknown error' } = cause;
    const why =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'a file is in its place or above it'
        : `${dirname(folder)} takes no new folder`;
    super(
      `the folder ${folder} cannot be made (${code}): ${why}. Expected a folder that exists, or a path in one that this user may write to`,
      { cause },
    );
    this.code = code;
  }
}

/** For the data of a stack, which other users may not read. */
const PRIVATE = 0o700;

/** For what others may read when the umask lets them, such as model files and logs. */
export const BY_UMASK = 0o777;

/**
 * Makes a folder and those above it that are missing; nothing when it exists. Not by `recursive: true`: Node 24 never
 * returns from it below a folder such as /proc, which refuses with ENOENT what it does not know.
 *
 * @param mode of each folder that is made, before the umask; default: private
 * @throws {FolderError} when it cannot be made, or something else is in its place
 */
export async function makeFolder(path: string, mode = PRIVATE): Promise<void> {
  const folder = resolve(path);
  if (await isFolder(folder)) return;
  if (!(await exists(dirname(folder)))) await makeFolder(dirname(folder), mode);
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!(await isFolder(folder))) throw new FolderError(folder, error as NodeJS.ErrnoException);
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** As `makeFolder`, for what is needed before anything can be awaited: the configuration and the log. */
export function makeFolderSync(path: string, mode = PRIVATE): void {
  const folder = resolve(path);
  if (isFolderSync(folder)) return;
  if (!existsSync(dirname(folder))) makeFolderSync(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!isFolderSync(folder)) throw new FolderError(folder, error as NodeJS.ErrnoException);
  }
}

function isFolderSync(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
