import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LockError, lockFolder } from './lock.ts';

const root = mkdtempSync(join(tmpdir(), 'xnai-lock-'));
const holder = fileURLToPath(new URL('./testing/hold-lock.ts', import.meta.url));
const children: ChildProcess[] = [];
let folder: string;
let count = 0;

beforeEach(() => {
  folder = join(root, `${++count}`);
  mkdirSync(folder);
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => end(child, 'SIGKILL')));
});
afterAll(() => rmSync(root, { recursive: true }));

async function holdElsewhere(at = folder): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--expose-gc', holder, at], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

const isLocked = expect.objectContaining({ name: 'LockError', code: 'LOCKED' });

describe('a lock that another process holds', () => {
  test('is refused, naming the process', async () => {
    const { pid } = await holdElsewhere();

    await expect(lockFolder(folder)).rejects.toThrow(
      new LockError('LOCKED', `${folder}/.lock is locked by process ${pid}`),
    );
  });

  test('is a file that other users cannot open, and so cannot hold', async () => {
    using _lock = await lockFolder(folder);

    expect(statSync(join(folder, '.lock')).mode & 0o777).toBe(0o600);
  });

  test('is not refused under another name, nor in another folder', async () => {
    await holdElsewhere();

    using _other = await lockFolder(folder, { name: '.other.lock' });
    using _elsewhere = await lockFolder(root);
  });

  test('is free after kill -9', async () => {
    const child = await holdElsewhere();
    await end(child, 'SIGKILL');

    using _lock = await lockFolder(folder);
  });

  test('is taken by the one that waits, once it is free', async () => {
    const child = await holdElsewhere();
    const waiting = lockFolder(folder, { waitForMs: 30_000 });
    await end(child, 'SIGTERM');

    using _lock = await waiting;
  });

  test('is no longer waited for once the signal is aborted', async () => {
    await holdElsewhere();
    const gaveUp = new Error('gave up');
    const cancel = new AbortController();
    const waiting = lockFolder(folder, { waitForMs: 30_000, signal: cancel.signal });
    cancel.abort(gaveUp);

    await expect(waiting).rejects.toBe(gaveUp);
  });

  test.each([
    ['a symbolic link to the folder', () => link(symlinkSync)],
    ['a folder with a hard link to the lock file', hardLinked],
    ['another spelling', async () => `${folder}/../${folder.slice(root.length)}/.`],
    ['a relative path', async () => relative(process.cwd(), folder)],
  ])('is refused through %s', async (_, path) => {
    await holdElsewhere();

    await expect(lockFolder(await path())).rejects.toEqual(isLocked);
  });

  test('is refused after the folder was moved', async () => {
    await holdElsewhere();
    renameSync(folder, `${folder}-moved`);

    await expect(lockFolder(`${folder}-moved`)).rejects.toEqual(isLocked);
  });

  test('is refused after its file was deleted, and free once that process has ended', async () => {
    const child = await holdElsewhere();
    rmSync(join(folder, '.lock'));

    await expect(lockFolder(folder)).rejects.toEqual(isLocked);
    await end(child, 'SIGKILL');
    using _lock = await lockFolder(folder);
  });

  test('is refused to all but one of many that try at once', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const locks = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));

    expect(locks).toHaveLength(1);
    await expect(holdOnce()).resolves.toBe(1);
    for (const lock of locks) lock[Symbol.dispose]();
    await expect(holdElsewhere()).resolves.toBeDefined();
  });
});

describe('a lock that this process holds', () => {
  test('is refused a second time, and free when it was given back, however often', async () => {
    const lock = await lockFolder(folder);

    await expect(lockFolder(folder)).rejects.toEqual(isLocked);
    lock[Symbol.dispose]();
    using _again = await lockFolder(folder);
    lock[Symbol.dispose]();
    await expect(lockFolder(folder)).rejects.toEqual(isLocked);
  });

  test('still keeps others out after a refused try of this process', async () => {
    using _lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toEqual(isLocked);

    await expect(holdOnce()).resolves.toBe(1);
  });

  test('is refused to a thread of it', async () => {
    using _lock = await lockFolder(folder);
    const [error] = await once(new Worker(holder, { argv: [folder] }), 'error');

    expect(error).toEqual(isLocked);
  });

  test('is refused after its file was deleted', async () => {
    using _lock = await lockFolder(folder);
    rmSync(join(folder, '.lock'));

    await expect(lockFolder(folder)).rejects.toEqual(isLocked);
    await expect(holdOnce()).resolves.toBe(1);
  });

  test('still keeps other processes out after this one has read its file, which ends a POSIX lock', async () => {
    using _lock = await lockFolder(folder);
    readFileSync(join(folder, '.lock'));

    await expect(holdOnce()).resolves.toBe(1);
  });

  test('outlives garbage collection of the lock object', async () => {
    const child = await holdElsewhere();
    const isGone = once(child, 'exit').then(() => 'gone');
    // The holder collects garbage every 5 ms; without this file only its handle keeps others out.
    rmSync(join(folder, '.lock-owner'));

    await expect(Promise.race([lockFolder(folder, { waitForMs: 500 }), isGone])).rejects.toEqual(isLocked);
  });
});

describe('a folder that cannot be locked', () => {
  test.each([
    ['missing', () => rmSync(folder, { recursive: true }), 'ENOENT'],
    ['with a folder in place of the lock file', () => mkdirSync(join(folder, '.lock')), 'ERR_SQLITE_ERROR'],
    [
      'with another file in place of it',
      () => writeFileSync(join(folder, '.lock'), 'x'.repeat(4096)),
      'ERR_SQLITE_ERROR',
    ],
  ])('is refused with the cause: %s', async (_, spoil, code) => {
    spoil();

    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'LOCK_FAILED', cause: { code } });
  });
});

async function link(make: (target: string, path: string) => void): Promise<string> {
  make(folder, `${folder}-link`);
  return `${folder}-link`;
}

async function hardLinked(): Promise<string> {
  const other = `${folder}-other`;
  mkdirSync(other);
  linkSync(join(folder, '.lock'), join(other, '.lock'));
  return other;
}

/** The exit code of a process that tries to lock the folder. */
async function holdOnce(): Promise<number | null> {
  const child = spawn(process.execPath, [holder, folder], { stdio: 'ignore' });
  children.push(child);
  const [code] = await once(child, 'exit');
  return code;
}
