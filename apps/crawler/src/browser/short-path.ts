import { randomBytes } from 'node:crypto';
import { readdir, readlink, stat, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A socket's path holds at most 107 bytes (unix(7)), and Chromium adds 46 to its temporary folder. */
const MAX_BYTES = 107 - 46;
/** Folders with short names, which are in memory wherever this service is installed as documented. */
const LINK_FOLDERS = ['/tmp', '/dev/shm'];
const PREFIX = 'xnai-';
const LINK_NAME = /^xnai-[0-9a-f]{16}$/;

export interface ShortPath extends AsyncDisposable {
  readonly path: string;
}

/**
 * A path to `folder` that is short enough for Chromium's sockets: the folder's own path, or a symbolic link that is
 * removed on disposal. A path through `/proc/<pid>/fd/<n>` would need no link, but every renderer crashes with it.
 *
 * @throws {Error} the file system's own error, when no folder with a short name is writable
 */
export async function shortenPath(folder: string): Promise<ShortPath> {
  if (Buffer.byteLength(folder) <= MAX_BYTES) {
    return { path: folder, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const path = await link(folder);
  return { path, [Symbol.asyncDispose]: () => unlink(path).catch(() => {}) };
}

async function link(folder: string): Promise<string> {
  const failures: unknown[] = [];
  for (const parent of LINK_FOLDERS) {
    const path = join(parent, PREFIX + randomBytes(8).toString('hex'));
    try {
      await removeDeadLinks(parent);
      await symlink(folder, path);
      return path;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new Error(`no short name for Chromium's temporary folder ${folder}`, { cause: failures[0] });
}

/** Removes the links of processes that were killed: those whose folder is gone. */
async function removeDeadLinks(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!LINK_NAME.test(name)) continue;
    const path = join(parent, name);
    const isDead = await readlink(path)
      .then(() => stat(path))
      .then(() => false)
      .catch((error: NodeJS.ErrnoException) => error.code === 'ENOENT');
    if (isDead) await unlink(path).catch(() => {});
  }
}
