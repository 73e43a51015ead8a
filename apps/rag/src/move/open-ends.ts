import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openSqliteSource, openSqliteStore } from '../store/sqlite-store.ts';
import type { TransferSource, TransferTarget } from '../store/transfer.ts';
import { MoveError } from './move-error.ts';

/** @throws {MoveError} NO_STORE */
export async function openSource(name: string): Promise<TransferSource> {
  return openSqliteSource(await placeOf(name));
}

/** @throws {MoveError} NO_STORE */
export async function openTarget(name: string): Promise<TransferTarget & AsyncDisposable> {
  return openSqliteStore({ path: await placeOf(name) });
}

/** @throws {MoveError} SAME_STORE or NO_STORE */
export async function requireTwo(from: string, to: string): Promise<void> {
  if ((await placeOf(from)) === (await placeOf(to)))
    throw new MoveError('SAME_STORE', { detail: `--from and --to are both ${from}` });
}

const INDEX_FILE = 'rag.sqlite';

/** The file of the index, or that in the folder which is named. */
async function placeOf(name: string): Promise<string> {
  const [, path] = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(name) ?? [];
  if (path === undefined)
    throw new MoveError('NO_STORE', { detail: `${name} is not of the form sqlite:PATH` });
  const full = resolve(path);
  const isFolder = (await stat(full).catch(() => undefined))?.isDirectory() === true;
  const file = isFolder ? join(full, INDEX_FILE) : full;
  return realpath(file).catch(() => file);
}
