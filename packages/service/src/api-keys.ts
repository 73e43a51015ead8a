import { createHash, randomBytes } from 'node:crypto';
import type { Act, AuditLog } from './audit-log.ts';
import { ConfigError } from './config.ts';
import { changeKeys, readKeys, type StoredKey } from './key-file.ts';
import { SCOPES, type Scope } from './scopes.ts';

const KEY_FORM = /^xnai_[A-Za-z0-9_-]{43}$/;

/** Records that keys are made and revoked, before they are. */
type Recorder = Pick<AuditLog, 'record'>;

/** A key as shown to people: everything but its hash. */
export type KeyInfo = Omit<StoredKey, 'hash'>;

export interface NewKey extends KeyInfo {
  /** The plain key. It is not stored and cannot be shown again. */
  readonly key: string;
}

export interface CreateKeyOptions {
  readonly scopes: readonly Scope[];
  readonly name?: string;
  /** No rate limit. */
  readonly exempt?: boolean;
}

/** A new key, stored nowhere yet: 256 random bits. */
export function generateKey(): string {
  return `xnai_${randomBytes(32).toString('base64url')}`;
}

/**
 * Makes a key and adds its hash to the file.
 * @throws {KeyFileError} when the file cannot be locked, read or written
 */
export async function createKey(file: string, options: CreateKeyOptions, audit: Recorder): Promise<NewKey> {
  const key = generateKey();
  const stored = toStored(key, options);
  await changeKeys(file, audit, (keys) => ({
    keys: [...keys, stored],
    result: undefined,
    acts: [creationOf(stored)],
  }));
  return { ...withoutHash(stored), key };
}

/** @throws {KeyFileError} when the file cannot be read or understood */
export async function listKeys(file: string): Promise<readonly KeyInfo[]> {
  return (await readKeys(file)).map(withoutHash);
}

/**
 * False when there is no such key.
 * @throws {KeyFileError} when the file cannot be locked, read or written
 */
export async function revokeKey(file: string, id: string, audit: Recorder): Promise<boolean> {
  return changeKeys(file, audit, (keys) => {
    const revoked = keys.filter((key) => key.id === id);
    if (revoked.length === 0) return { keys, result: false };
    return { keys: keys.filter((key) => key.id !== id), result: true, acts: revoked.map(revocationOf) };
  });
}

export interface FirstKey {
  readonly key: string;
  /** False for a key that the operator gave: it need not be printed. */
  readonly generated: boolean;
}

/**
 * Ensures that the file has a key. `givenKey` (with all scopes) replaces the one given before; without it, a key is made
 * when the file has none. Undefined when nothing had to be done.
 *
 * @throws {KeyFileError} when the file cannot be locked, read or written
 * @throws {ConfigError} when `givenKey` does not have the form of a key
 */
export async function ensureFirstKey(
  file: string,
  { givenKey, audit }: { readonly givenKey?: string | undefined; readonly audit: Recorder },
): Promise<FirstKey | undefined> {
  if (givenKey !== undefined) return ensureGivenKey(file, givenKey, audit);
  // Read before a lock is taken, because the folder of the file may be read-only for this process.
  if ((await readKeys(file)).length > 0) return undefined;
  const key = generateKey();
  const first = toStored(key, { scopes: SCOPES, name: 'first' });
  const isMade = await changeKeys(file, audit, (keys) =>
    keys.length > 0 ? { keys, result: false } : { keys: [first], result: true, acts: [creationOf(first)] },
  );
  return isMade ? { key, generated: true } : undefined;
}

async function ensureGivenKey(file: string, key: string, audit: Recorder): Promise<FirstKey | undefined> {
  if (!isKey(key)) throw new ConfigError(['XNAI_API_KEY: expected xnai_ and 43 base64url characters']);
  const stored = toStored(key, { scopes: SCOPES, name: GIVEN });
  if ((await readKeys(file)).some((other) => other.hash === stored.hash)) return undefined;
  const isNew = await changeKeys(file, audit, (keys) => {
    if (keys.some((other) => other.hash === stored.hash)) return { keys, result: false };
    const replaced = keys.filter((other) => other.name === GIVEN);
    return {
      keys: [...keys.filter((other) => other.name !== GIVEN), stored],
      result: true,
      acts: [...replaced.map(revocationOf), creationOf(stored)],
    };
  });
  return isNew ? { key, generated: false } : undefined;
}

const GIVEN = 'XNAI_API_KEY';
const STACK_PREFIX = 'xnai:';

/** Name of a key that the stack makes and replaces by itself. */
export const stackKeyName = (name: string): string => `${STACK_PREFIX}${name}`;

/** Whether keys of this name are replaced without a question, so that no user may give it to one. */
export function isStackKeyName(name: string): boolean {
  return name === GIVEN || name.startsWith(STACK_PREFIX);
}

export function isKey(text: string): boolean {
  return KEY_FORM.test(text);
}

/**
 * SHA-256 and no slow hash: slow hashes protect passwords that people choose. A key is 256 random bits, which cannot be
 * guessed, and a slow hash would cost time in every request.
 */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function toStored(key: string, { scopes, name, exempt }: CreateKeyOptions): StoredKey {
  return {
    id: randomBytes(6).toString('hex'),
    hash: hashKey(key),
    scopes: [...scopes],
    created: new Date().toISOString(),
    ...(name === undefined ? {} : { name }),
    ...(exempt === true ? { exempt } : {}),
  };
}

function creationOf({ id, name, scopes, exempt }: StoredKey): Act {
  return { what: 'key.create', of: { id, name, scopes, exempt } };
}

function revocationOf({ id, name }: StoredKey): Act {
  return { what: 'key.revoke', of: { id, name } };
}

function withoutHash({ hash: _, ...info }: StoredKey): KeyInfo {
  return info;
}
