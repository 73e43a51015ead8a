import { timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { hashKey, isKey, type KeyInfo } from './api-keys.ts';
import { parseKeys, readKeys, type StoredKey } from './key-file.ts';

/** The keys that are valid now. */
export type KeyRing = Awaited<ReturnType<typeof openKeyRing>>;

export interface OpenKeyRingOptions {
  readonly file: string;
  /** Called when the changed file cannot be read; the keys known before stay valid. */
  readonly onError?: (error: unknown) => void;
  readonly now?: () => number;
}

const RECHECK_MS = 1000;

/**
 * Verifies keys against a key file, and follows its changes: a revoked key is refused a second later.
 *
 * @throws {KeyFileError} when the file exists and cannot be read or understood
 */
export async function openKeyRing(options: OpenKeyRingOptions) {
  const { file, onError = () => {}, now = Date.now } = options;
  let version = versionOf(file);
  let keys = await readKeys(file);
  let checkedAt = now();

  // Synchronous on purpose: one stat per second, and a file of a few hundred bytes when it has changed.
  function follow(): void {
    if (now() - checkedAt < RECHECK_MS) return;
    checkedAt = now();
    try {
      const latest = versionOf(file);
      if (latest === version) return;
      version = latest;
      keys = latest === undefined ? [] : parseKeys(readFileSync(file, 'utf8'), file);
    } catch (error) {
      onError(error);
    }
  }

  return {
    /** The key's owner, or undefined for a key that is not (or no longer) valid. */
    verify(key: string): KeyInfo | undefined {
      follow();
      return isKey(key) ? find(keys, key) : undefined;
    },
  };
}

// Every stored hash is compared in constant time, so that the time reveals nothing about any of them.
function find(keys: readonly StoredKey[], key: string): KeyInfo | undefined {
  const hash = Buffer.from(hashKey(key), 'hex');
  let found: KeyInfo | undefined;
  for (const { hash: stored, ...info } of keys) {
    if (timingSafeEqual(Buffer.from(stored, 'hex'), hash)) found = info;
  }
  return found;
}

function versionOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.mtimeMs}:${stat.size}:${stat.ino}`;
}
