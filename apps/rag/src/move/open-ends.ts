import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openPostgresStore } from '../store/postgres-store.ts';
import { openSqliteSource, openSqliteStore } from '../store/sqlite-store.ts';
import type { TransferSource, TransferTarget } from '../store/transfer.ts';
import { MoveError } from './move-error.ts';

export interface EndOptions {
  /** Of PostgreSQL, in place of the one in the URL. */
  readonly password?: string | undefined;
}

/** @throws {MoveError} NO_STORE */
export async function openSource(name: string, options: EndOptions = {}): Promise<TransferSource> {
  const place = await placeOf(name);
  return isDatabase(place) ? openPostgresStore({ url: place, ...options }) : openSqliteSource(place);
}

/** @throws {MoveError} NO_STORE */
export async function openTarget(name: string, options: EndOptions = {}): Promise<TransferTarget> {
  const place = await placeOf(name);
  return isDatabase(place) ? openPostgresStore({ url: place, ...options }) : openSqliteStore({ path: place });
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
