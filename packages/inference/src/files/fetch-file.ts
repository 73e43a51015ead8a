import { type FileHandle, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LockError, lockFolder } from '@xnai/service/lock';
import { BY_UMASK, makeFolder } from '@xnai/service/make-folder';
import { fromDiskError, ModelFetchError } from './fetch-error.ts';
import { hashFile } from './model-directory.ts';
import type { SourceFile } from './source-file.ts';

export interface FetchFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of bytes on disk, first when a transfer begins. */
  readonly onProgress?: (bytes: number) => void;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly freeBytes?: (directory: string) => Promise<number>;
  /** A transfer that brings less than `LEAST_BYTES` for this long counts as interrupted. */
  readonly silenceMs?: number;
}

/**
 * Downloads a file of a hub or an object store to `target`. It is written beside the target, resumes where an earlier
 * attempt ended, and is renamed only when the bytes on disk have the size and the hash that the source states.
 *
 * @returns the SHA-256 of the file, hexadecimal
 * @throws {ModelFetchError} BUSY when another process fetches the file, DISK_FULL, HASH_MISMATCH, CHANGED, and the
 *   errors of the source
 */
export async function fetchFile(
  source: SourceFile,
  target: string,
  options: FetchFileOptions = {},
): Promise<string> {
  const part = `${target}.${source.version.slice(0, 12)}.part`;
  await makeFolder(dirname(target), BY_UMASK).catch(raise);
  using _lock = await lockPart(part);
  await checkSpace(source, part, options);
  // A wrong hash may come from a broken earlier attempt; after a second complete transfer the source itself is wrong.
  const sha256 = (await fetchWhole(source, part, options)) ?? (await fetchWhole(source, part, options));
  if (sha256 === undefined) throw mismatch(source);
  await rename(part, target);
  return sha256;
}

const MARGIN_BYTES = 64 * 2 ** 20;
const MOST_FRUITLESS_TRIES = 5;
const LONGEST_PAUSE_MS = 300_000;
const SILENCE_MS = 30_000;
/** An attempt that brings less was fruitless; a connection that brings less in `SILENCE_MS` counts as broken. */
const LEAST_BYTES = 2 ** 16;

function lockPart(part: string): Promise<Disposable> {
  return lockFolder(dirname(part), { name: `.${basename(part)}.lock` }).catch((error: unknown) => {
    if (!(error instanceof LockError)) throw error;
    if (error.code === 'LOCKED') throw new ModelFetchError('BUSY', { cause: error });
    throw fromDiskError((error.cause ?? error) as NodeJS.ErrnoException);
  });
}

async function checkSpace(
  { path, sizeBytes }: SourceFile,
  part: string,
  { freeBytes = freeOnDisk }: FetchFileOptions,
) {
  const needed = sizeBytes - (await sizeOf(part)) + MARGIN_BYTES;
  const free = await freeBytes(dirname(part));
  if (free >= needed) return;
  throw new ModelFetchError('DISK_FULL', {
    detail: `${path} needs ${megabytes(needed)} more, ${megabytes(free)} are free`,
  });
}

/** @returns its SHA-256; undefined when the complete part is another file than the source's: then it is removed */
async function fetchWhole(
  source: SourceFile,
  part: string,
  options: FetchFileOptions,
): Promise<string | undefined> {
  await fetchPart(source, part, options);
  await flush(part);
  const sha256 = await hashFile(part);
  const stated = source.hash ?? { algorithm: 'sha256', hex: sha256 };
  const found = stated.algorithm === 'sha256' ? sha256 : await hashFile(part, stated.algorithm);
  if (found === stated.hex) return sha256;
  await rm(part, { force: true });
  return undefined;
}

function mismatch({ url, hash }: SourceFile): ModelFetchError {
  const cure =
    ', by the tag of the object: where that is none, name the hash behind the reference (#sha256=…)';
  return new ModelFetchError('HASH_MISMATCH', { detail: `${url}${hash?.algorithm === 'md5' ? cure : ''}` });
}

/** Transfers until the part has its full size. Each attempt resumes where the last one ended. */
async function fetchPart(source: SourceFile, part: string, options: FetchFileOptions): Promise<void> {
  const { signal, sleep = (ms) => delay(ms, undefined, { signal }) } = options;
  const there = await sizeOf(part);
  const state: PartState = { bytes: there > source.sizeBytes ? 0 : there };
  options.onProgress?.(state.bytes);
  for (let fruitless = 0, most = state.bytes; state.bytes < source.sizeBytes; ) {
    const failure = await transfer({ source, part, state, options }).catch((error) =>
      asFetchError(error, source),
    );
    if (failure === undefined) return;
    signal?.throwIfAborted();
    if (failure.code === 'CHANGED') {
      await rm(part, { force: true });
      throw failure;
    }
    // Compared with the most bytes there ever were: a server that starts from the beginning each time brings nothing.
    fruitless = state.bytes >= most + LEAST_BYTES ? 0 : fruitless + 1;
    most = Math.max(most, state.bytes);
    if (!failure.retryable || fruitless >= MOST_FRUITLESS_TRIES) throw failure;
    if (failure.code === 'RANGE_REFUSED') state.bytes = 0;
    await sleep(Math.min(LONGEST_PAUSE_MS, failure.retryAfterMs ?? 1_000 * 2 ** fruitless), signal);
  }
}

interface PartState {
  bytes: number;
}

interface Transfer {
  readonly source: SourceFile;
  readonly part: string;
  readonly state: PartState;
  readonly options: FetchFileOptions;
}

/** Returns when the part is complete. */
async function transfer({ source, part, state, options }: Transfer): Promise<undefined> {
  const { silenceMs = SILENCE_MS } = options;
  const silence = new AbortController();
  const signal = AbortSignal.any([silence.signal, ...(options.signal ? [options.signal] : [])]);
  const detail = `almost nothing arrived for ${silenceMs / 1000} s`;
  const listen = () =>
    setTimeout(() => silence.abort(new ModelFetchError('INTERRUPTED', { detail })), silenceMs);
  let timer = listen();
  try {
    const response = await source.open(state.bytes, signal);
    // The server may send the complete file although only the rest was asked for.
    if (response.status !== 206) state.bytes = 0;
    else await checkRange(response, state, source);
    await using file = await openPart(part, state.bytes);
    let expected = state.bytes + LEAST_BYTES;
    for await (const chunk of response.body ?? []) {
      await append(file, chunk, state, source);
      options.onProgress?.(state.bytes);
      if (state.bytes >= source.sizeBytes) return undefined;
      if (state.bytes < expected) continue;
      expected = state.bytes + LEAST_BYTES;
      clearTimeout(timer);
      timer = listen();
    }
  } finally {
    clearTimeout(timer);
  }
  throw new ModelFetchError('INTERRUPTED', { detail: `at ${state.bytes} bytes` });
}

/** Another range, or the range of a file of another size, would be noticed only by its hash, which not every source states. */
async function checkRange({ headers, body }: Response, { bytes }: PartState, { sizeBytes }: SourceFile) {
  const range = headers.get('content-range');
  if (range === `bytes ${bytes}-${sizeBytes - 1}/${sizeBytes}`) return;
  await body?.cancel();
  throw new ModelFetchError('RANGE_REFUSED', { detail: `it sends ${range} from byte ${bytes} on` });
}

/** Writes no more than the stated size: the hash shows that a longer file is another one. */
async function append(
  file: FileHandle,
  chunk: Uint8Array,
  state: PartState,
  source: SourceFile,
): Promise<void> {
  const wanted = chunk.subarray(0, source.sizeBytes - state.bytes);
  // `write` may store only a part on an almost full disk, without an error; `appendFile` does not.
  await file.appendFile(wanted).catch(raise);
  state.bytes += wanted.length;
}

async function openPart(part: string, bytes: number): Promise<FileHandle> {
  const file = await open(part, 'a').catch(raise);
  await file.truncate(bytes);
  return file;
}

/** After a power failure the final name must not exist without the bytes. */
async function flush(part: string): Promise<void> {
  await using file = await open(part, 'r+').catch(raise);
  await file.sync();
}

function raise(cause: NodeJS.ErrnoException): never {
  throw fromDiskError(cause);
}

function asFetchError(error: unknown, { path }: SourceFile): ModelFetchError {
  if (error instanceof ModelFetchError) return error;
  return new ModelFetchError('INTERRUPTED', { detail: path, cause: error });
}

async function freeOnDisk(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
}
