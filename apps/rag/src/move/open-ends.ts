import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readPassword } from '../store/open-database.ts';
import { openPostgresStore } from '../store/postgres-store.ts';
import { openSqliteSource, openSqliteStore } from '../store/sqlite-store.ts';
import { StoreError } from '../store/store-error.ts';
import type { TransferSource, TransferTarget } from '../store/transfer.ts';
import { MoveError } from './move-error.ts';

/** One end of a move. */
export interface End {
  /** `sqlite:PATH` or `postgres://USER@HOST:PORT/DATABASE`. */
  readonly store: string;
  /** Its first line is the password of PostgreSQL. */
  readonly passwordFile?: string | undefined;
  /** Where there is no such file; before the one in the URL. */
  readonly password?: string | undefined;
}

/** @throws {MoveError} NO_STORE or NO_PASSWORD; {StoreError} whose message names the end */
export async function openSource(end: End): Promise<TransferSource> {
  const place = await placeOf(end.store);
  const password = await passwordOf(end, 'from');
  const open = async (): Promise<TransferSource> =>
    isDatabase(place) ? openPostgresStore({ url: place, password, asItIs: true }) : openSqliteSource(place);
  return named('from', open);
}

/** @throws {MoveError} NO_STORE or NO_PASSWORD; {StoreError} whose message names the end */
export async function openTarget(end: End): Promise<TransferTarget> {
  const place = await placeOf(end.store);
  const password = await passwordOf(end, 'to');
  const open = async (): Promise<TransferTarget> =>
    isDatabase(place) ? openPostgresStore({ url: place, password }) : openSqliteStore({ path: place });
  return named('to', open);
}

async function passwordOf({ passwordFile, password }: End, end: 'from' | 'to') {
  if (passwordFile === undefined) return password;
  return readPassword(passwordFile).catch(({ code }: NodeJS.ErrnoException) => {
    const detail = `--${end}-password-file: ${passwordFile} cannot be read (${code})`;
    throw new MoveError('NO_PASSWORD', { detail });
  });
}

/** Two stores may fail in the same words. */
async function named<Store>(end: 'from' | 'to', open: () => Promise<Store>): Promise<Store> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new StoreError(error.code, { detail: `--${end}: ${error.message}`, cause: error });
  }
}

/** @throws {MoveError} SAME_STORE or NO_STORE */
export async function requireTwo(from: string, to: string): Promise<void> {
  const [one, other] = [identityOf(await placeOf(from)), identityOf(await placeOf(to))];
  if (one === other) throw new MoveError('SAME_STORE', { detail: `--from and --to are both ${one}` });
}

const INDEX_FILE = 'rag.sqlite';

function isDatabase(place: string): boolean {
  return /^postgres(ql)?:\/\//.test(place);
}

/** Without who asks, and how. */
function identityOf(place: string): string {
  if (!isDatabase(place)) return `sqlite:${place}`;
  const { hostname, port, pathname } = new URL(place);
  return `postgres://${hostname}:${port || 5432}${pathname}`;
}

/** The URL of a database, or the file of an index, also where its folder is named. */
async function placeOf(name: string): Promise<string> {
  if (isDatabase(name) && URL.canParse(name)) return name;
  const [, path] = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(name) ?? [];
  if (path === undefined) {
    // What it is instead may have a password in it.
    const [scheme] = name.split(':', 1);
    const detail = `a store is sqlite:PATH or postgres://USER@HOST:PORT/DATABASE, and no ${scheme || 'empty text'}`;
    throw new MoveError('NO_STORE', { detail });
  }
  const full = resolve(path);
  const isFolder = (await stat(full).catch(() => undefined))?.isDirectory() === true;
  const file = isFolder ? join(full, INDEX_FILE) : full;
  return realpath(file).catch(() => file);
}
