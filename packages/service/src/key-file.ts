import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { Act, AuditLog } from './audit-log.ts';
import { LockError, lockFolder } from './lock.ts';
import { FolderError, makeFolder } from './make-folder.ts';
import { SCOPES } from './scopes.ts';

/** One API key at rest. The file holds the SHA-256 of a key (hex), never the key itself. */
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

const LOCK_WAIT_MS = 10_000;

/**
 * The keys of the file; none when it does not exist.
 *
 * @throws {KeyFileError} when the file cannot be read or understood
 */
export async function readKeys(file: string): Promise<readonly StoredKey[]> {
  try {
    return parseKeys(await readFile(file, 'utf8'), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw asKeyFileError(error, file);
  }
}

/** @throws {KeyFileError} when `text` is not a key file */
export function parseKeys(text: string, file: string): readonly StoredKey[] {
  try {
    return KeyFile.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new KeyFileError(`${file} is not a valid key file`, { cause });
  }
}

export interface KeyChange<Result> {
  readonly keys: readonly StoredKey[];
  readonly result: Result;
  readonly acts?: readonly Act[];
}

/**
 * Reads the keys, lets `change` decide on the new ones and replaces the file in one step (mode 0600). A lock in its
 * folder serialises the writers of all processes; a reader never sees half a file. Each of its acts is recorded before.
 *
 * @throws {KeyFileError} when the file cannot be locked, read, understood or written
 * @throws what `audit` throws; nothing is changed then
 */
export async function changeKeys<Result>(
  file: string,
  audit: Pick<AuditLog, 'record'>,
  change: (keys: readonly StoredKey[]) => KeyChange<Result>,
): Promise<Result> {
  try {
    await makeFolder(dirname(file));
    using _lock = await lockFolder(dirname(file), {
      name: `.${basename(file)}.lock`,
      waitForMs: LOCK_WAIT_MS,
    });
    const before = await readKeys(file);
    const { keys, result, acts = [] } = change(before);
    for (const act of acts) await audit.record(act);
    if (keys !== before) await replaceFile(file, `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`);
    return result;
  } catch (error) {
    throw asKeyFileError(error, file);
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

function asKeyFileError(error: unknown, file: string): Error {
  if (error instanceof FolderError)
    return new KeyFileError(`${file} cannot be written: ${error.message}`, { cause: error });
  if (error instanceof KeyFileError || (error as { forOperator?: boolean }).forOperator)
    return error as Error;
  if (error instanceof LockError) return new KeyFileError(error.message, { cause: error });
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new KeyFileError(`${file} cannot be read or written (${code})`, { cause: error });
}
