import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { FetchError } from './fetch-error.ts';

/**
 * Keeps two processes from writing the same file. The lock is touched while it is held; one whose process is gone,
 * or which nobody touches any more (its container is gone), is taken over. Throws `BUSY`.
 */
export async function lockFile(path: string): Promise<AsyncDisposable> {
  const create = () => writeFile(path, `${hostname()} ${process.pid}`, { flag: 'wx' });
  try {
    await create();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new FetchError('NOT_WRITABLE', {
        detail: (error as NodeJS.ErrnoException).code ?? String(error),
      });
    }
    if (await isHeld(path)) throw new FetchError('BUSY');
    await rm(path, { force: true });
    await create();
  }
  const touch = () => utimes(path, new Date(), new Date()).catch(() => undefined);
  const timer = setInterval(touch, TOUCH_MS).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await rm(path, { force: true });
    },
  };
}

const TOUCH_MS = 15_000;
const STALE_MS = 60_000;

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
  } catch {
    return false;
  }
}
