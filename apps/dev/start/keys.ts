import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type AuditLog,
  createKey,
  ensureFirstKey,
  type KeyInfo,
  listKeys,
  openKeyRing,
  revokeKey,
  type Scope,
  stackKeyName,
} from '@xnai/service';
import { makeFolder } from '@xnai/service/make-folder';

type Recorder = Pick<AuditLog, 'record'>;

interface KeyFiles {
  readonly crawlerKeyFile: string | undefined;
  readonly cliKeyFile: string;
  readonly audit: Recorder;
}

/**
 * Creates the first API key if there is none, and writes two keys that are new at each start, so that the data folder
 * contains only hashes of keys: the one with which the crawler delivers to rag, and the one of commands of this user.
 *
 * @returns the first key if this call created it, to be shown once
 * @throws {ConfigError} when `givenKey` does not have the form of a key
 * @throws {KeyFileError} when the key file cannot be used
 */
export async function prepareKeys(
  file: string,
  givenKey: string | undefined,
  { crawlerKeyFile, cliKeyFile, audit }: KeyFiles,
): Promise<string | undefined> {
  const first = await ensureFirstKey(file, { givenKey, audit });
  if (crawlerKeyFile !== undefined) await renewCrawlerKey(file, crawlerKeyFile, audit);
  await renewKey(file, cliKeyFile, { name: 'commands', scopes: ['query', 'ingest', 'crawl'], audit });
  return first?.generated ? first.key : undefined;
}

/**
 * Replaces the crawler's key, which changes pages of the web alone (scope `web`) and has no rate limit.
 *
 * @throws {KeyFileError} when the key file cannot be used
 */
export function renewCrawlerKey(file: string, crawlerKeyFile: string, audit: Recorder): Promise<void> {
  return renewKey(file, crawlerKeyFile, { name: 'crawler', scopes: ['web'], exempt: true, audit });
}

interface RenewOptions {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly exempt?: boolean;
  readonly audit: Recorder;
}

/**
 * Replaces the key of this name, and writes the new one to `keyFile`.
 *
 * @throws {KeyFileError} when the key file cannot be used
 */
export async function renewKey(
  file: string,
  keyFile: string,
  { audit, ...options }: RenewOptions,
): Promise<void> {
  const name = stackKeyName(options.name);
  for (const key of await listKeys(file))
    if (isReplaced(key, options, name)) await revokeKey(file, key.id, audit);
  const { key } = await createKey(file, { ...options, name }, audit);
  await makeFolder(dirname(keyFile));
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
}

/** Versions before 0.3.0 gave no prefix; only keys of the stack are exempt from the rate limit. */
function isReplaced(key: KeyInfo, { name, exempt }: Omit<RenewOptions, 'audit'>, newName: string): boolean {
  return key.name === newName || (exempt === true && key.exempt === true && key.name === name);
}

/** Whether the hash of a key is among those in `file`. */
export async function isKnown(file: string, key: string | undefined): Promise<boolean> {
  if (key === undefined) return false;
  const ring = await openKeyRing({ file });
  return ring.verify(key) !== undefined;
}
