import {
  accessSync,
  chmodSync,
  constants,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isProcessAlive } from './process-identity.ts';

export interface LockOptions {
  /** Name of the lock file in the folder. Default `.lock`. */
  readonly name?: string | undefined;
  /** How long to wait for another holder. Default 0: do not wait. */
  readonly waitForMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type LockErrorCode = 'LOCKED' | 'LOCK_FAILED';

/** `LOCKED`: somebody else holds the lock. `LOCK_FAILED`: the lock file cannot be made or used; see `cause`. */
export class LockError extends Error {
  override readonly name = 'LockError';
  readonly code: LockErrorCode;

  constructor(code: LockErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const RETRY_MS = 20;

/**
 * Takes the exclusive lock of a folder, which must exist. The kernel holds the lock on a file inside that folder
 * (an SQLite file, never written to), so that every path to the folder leads to the same lock, and the lock is free
 * as soon as its holder ends, however it ends. Works between threads, processes and containers of one machine.
 *
 * The lock file must never be removed, copied or read while it is held: POSIX locks belong to the inode, and a process
 * loses them when it closes any other handle of that file. Against a file that was removed all the same, the holder
 * is named in a plain file beside it.
 *
 * @throws {LockError} LOCKED when it is still held after `waitForMs`
 * @throws {LockError} LOCK_FAILED when the lock file cannot be made or used
 */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<Disposable> {
  const { name = '.lock', waitForMs = 0, signal } = options;
  const path = join(folder, name);
  const giveUpAtMs = performance.now() + waitForMs;
  for (;;) {
    signal?.throwIfAborted();
    const lock = tryLock(path);
    if (lock !== undefined) return lock;
    if (performance.now() >= giveUpAtMs) throw new LockError('LOCKED', describeHolder(path));
    await delay(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Keeps the handles of held locks: a handle that is garbage-collected is closed, and its lock is lost. */
const heldHandles = new Set<DatabaseSync>();

/** Undefined when somebody else holds the lock. */
function tryLock(path: string): Disposable | undefined {
  const handle = openLocked(path);
  if (handle === undefined) return undefined;
  if (!isOpenHere(path) || readOwner(path)?.isAlive) {
    // The file was removed or replaced: what we have locked is not the lock of the folder, or not the only one.
    handle.close();
    return undefined;
  }
  heldHandles.add(handle);
  writeOwner(path);
  return {
    [Symbol.dispose]() {
      if (!heldHandles.delete(handle)) return;
      clearOwner(path);
      handle.close();
    },
  };
}

/** An exclusive transaction that writes nothing; its journal is in memory, so that no second file appears. */
function openLocked(path: string): DatabaseSync | undefined {
  let handle: DatabaseSync | undefined;
  try {
    handle = new DatabaseSync(path, { timeout: 0 });
    makePrivate(path);
    handle.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return handle;
  } catch (error) {
    handle?.close();
    if (isBusy(error)) return undefined;
    throw new LockError('LOCK_FAILED', `${path} cannot be used as a lock`, { cause: causeOf(error, path) });
  }
}

/** A user who can open the file could hold the lock. SQLite creates it readable by everybody. */
function makePrivate(path: string): void {
  const stats = statSync(path);
  if (stats.uid === process.getuid?.() && (stats.mode & 0o777) !== 0o600) chmodSync(path, 0o600);
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}

/** SQLite only says that it cannot open a file; the system says why. */
function causeOf(error: unknown, path: string): unknown {
  try {
    accessSync(join(path, '..'), constants.W_OK | constants.X_OK);
    return error;
  } catch (reason) {
    return reason;
  }
}

/** Whether the file at `path` is one that this process has open. Only its inode is asked for; it is not opened. */
function isOpenHere(path: string): boolean {
  const atPath = inodeOf(path);
  return (
    atPath !== undefined &&
    readdirSync('/proc/self/fd').some((fd) => inodeOf(`/proc/self/fd/${fd}`) === atPath)
  );
}

function inodeOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

interface Owner {
  readonly pid: number;
  readonly isAlive: boolean;
}

function ownerFile(path: string): string {
  return `${path}-owner`;
}

function readOwner(path: string): Owner | undefined {
  try {
    const [, pid, startTicks] = /^(\d+) (\d+)\n$/.exec(readFileSync(ownerFile(path), 'utf8')) ?? [];
    if (pid === undefined || startTicks === undefined) return undefined;
    return { pid: Number(pid), isAlive: isProcessAlive({ pid: Number(pid), startTicks }) };
  } catch {
    return undefined;
  }
}

function writeOwner(path: string): void {
  const self = identifyProcess(process.pid);
  if (self !== undefined) noteOwner(path, `${self.pid} ${self.startTicks}\n`);
}

function clearOwner(path: string): void {
  noteOwner(path, '');
}

function noteOwner(path: string, text: string): void {
  try {
    writeFileSync(ownerFile(path), text, { mode: 0o600 });
  } catch {
    // The lock holds without it, on a full disk for instance.
  }
}

function describeHolder(path: string): string {
  const owner = readOwner(path);
  return `${path} is locked by ${owner?.isAlive ? `process ${owner.pid}` : 'another process'}`;
}
