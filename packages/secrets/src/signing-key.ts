import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '@xnai/service/make-folder';

/** A new Ed25519 private key (PKCS #8, PEM). */
export function createSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/**
 * The signing key of a file (0600), which is made when it is missing. Processes that start at the same time get the
 * same key.
 */
export async function ensureSigningKey(file: string): Promise<KeyObject> {
  try {
    return await readSigningKey(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await makeFolder(dirname(file));
  const next = `${file}.${randomUUID()}.tmp`;
  await writeFile(next, createSigningKey(), { mode: 0o600 });
  try {
    // Unlike a rename, a link replaces nothing.
    await link(next, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(next);
  }
  return readSigningKey(file);
}

export async function readSigningKey(file: string): Promise<KeyObject> {
  return createPrivateKey(await readFile(file, 'utf8'));
}

/** Names a key without giving it away: the first 16 hex digits of the SHA-256 of its public half. */
export function fingerprintOf(key: KeyObject): string {
  const half = key.type === 'public' ? key : createPublicKey(key);
  return createHash('sha256')
    .update(half.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}
