import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { SCOPES } from './scopes.ts';

/** One API key at rest. The key itself is nowhere, only its SHA-256 (hex). */
export const StoredKey = z.strictObject({
  id: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(z.enum(SCOPES)),
  created: z.iso.datetime(),
  name: z.string().optional(),
  exempt: z.boolean().optional().describe('No rate limit: for calls between our own services'),
});
export type StoredKey = z.infer<typeof StoredKey>;

const KeyFile = z.strictObject({ version: z.literal(1), keys: z.array(StoredKey) });

/** The key file cannot be read, written or understood. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

const LOCK_RETRY_MS = 20;
const LOCK_WAIT_MS = 10_000;
// A holder works for milliseconds; one this old was killed.
const LOCK_STALE_MS = 5_000;

/** The keys of the file; none when it does not exist. @throws KeyFileError */
export async function readKeys(file: string): Promise<readonly StoredKey[]> {
  try {
    return parseKeys(await readFile(file, 'utf8'), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw asKeyFileError(error, file);
  }
}

/** @throws KeyFileError */
export function parseKeys(text: string, file: string): readonly StoredKey[] {
  try {
    return KeyFile.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new KeyFileError(`${file} is not a valid key file`, { cause });
  }
}

/**
 * Reads the keys, lets `change` decide on the new ones and replaces the file in one step (0600). A lock
 * file beside it serialises writers of all processes; a reader never sees half a file.
 *
 * @throws KeyFileError
 */
export async function changeKeys<Result>(
  file: string,
  change: (keys: readonly StoredKey[]) => { readonly keys: readonly StoredKey[]; readonly result: Result },
): Promise<Result> {
  const lock = `${file}.lock`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await takeLock(lock);
  } catch (error) {
    throw asKeyFileError(error, file);
  }
  try {
    const before = await readKeys(file);
    const { keys, result } = change(before);
    if (keys !== before) await replaceFile(file, `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`);
    return result;
  } catch (error) {
    throw asKeyFileError(error, file);
  } finally {
    await rm(lock, { force: true });
  }
}

async function takeLock(lock: string): Promise<void> {
  const giveUpAt = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isStale(lock)) await rm(lock, { force: true });
    else if (Date.now() > giveUpAt) throw new KeyFileError(`${lock} is held by another process`);
    else await delay(LOCK_RETRY_MS);
  }
}

async function isStale(lock: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs > LOCK_STALE_MS;
  } catch {
    // Released in between.
    return false;
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const next = `${file}.${process.pid}.tmp`;
  const handle = await open(next, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
}

function asKeyFileError(error: unknown, file: string): KeyFileError {
  if (error instanceof KeyFileError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new KeyFileError(`${file} cannot be read or written (${code})`, { cause: error });
}
