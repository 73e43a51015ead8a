import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { toFetchError } from './disk-error.ts';
import { FetchError } from './fetch-error.ts';

/** Of this process: two of its models may be the same file. */
const held = new Set<string>();

/**
 * Keeps two writers from the same file. The lock is touched while it is held; one whose process is gone, or which
 * nobody touches any more (its container is gone), is taken over. Throws `BUSY`, `DISK_FULL` and `NOT_WRITABLE`.
 */
export async function lockFile(path: string): Promise<AsyncDisposable> {
  if (held.has(path)) throw new FetchError('BUSY');
  held.add(path);
  try {
    await take(path);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  const touch = () => utimes(path, new Date(), new Date()).catch(() => undefined);
  const timer = setInterval(touch, TOUCH_MS).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await rm(path, { force: true });
      held.delete(path);
    },
  };
}

const TOUCH_MS = 15_000;
const STALE_MS = 60_000;

async function take(path: string): Promise<void> {
  if (await create(path)) return;
  if (await isHeld(path)) throw new FetchError('BUSY');
  await rm(path, { force: true });
  if (!(await create(path))) throw new FetchError('BUSY');
}

async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${hostname()} ${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // On a full disk the file is there, without its text.
    await rm(path, { force: true }).catch(() => undefined);
    throw toFetchError(error as NodeJS.ErrnoException);
  }
}

async function isHeld(path: string): Promise<boolean> {
  const [host, pid] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
  const touchedMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (Date.now() - touchedMs > STALE_MS) return false;
  // After the restart of a container the process has the same number as the one that held the lock.
  return host !== hostname() || (Number(pid) !== process.pid && isAlive(Number(pid)));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}
