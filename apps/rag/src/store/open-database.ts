import { readFile } from 'node:fs/promises';
import { openPostgresStore, type PostgresStore, type PostgresStoreOptions } from './postgres-store.ts';

export interface DatabaseOptions extends Pick<PostgresStoreOptions, 'onFault' | 'onWait'> {
  readonly url: string;
  /** Its first line is the password. Default: the one in the URL. */
  readonly passwordFile?: string | undefined;
  readonly connections?: number | undefined;
}

/** @throws {StoreError} as `openPostgresStore` */
export async function openDatabaseStore({
  url,
  passwordFile,
  connections,
  onFault,
  onWait,
}: DatabaseOptions): Promise<PostgresStore> {
  const password = passwordFile === undefined ? undefined : await readPassword(passwordFile);
  return openPostgresStore({ url, password, connections, onFault, onWait });
}

/** The first line of a file. */
export async function readPassword(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).split('\n')[0] ?? '';
}
