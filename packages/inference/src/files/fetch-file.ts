import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { toFetchError } from './disk-error.ts';
import { FetchError } from './fetch-error.ts';
import { type HubFile, request } from './hub.ts';
import { lockFile } from './lock-file.ts';
import { hashFile } from './model-directory.ts';

export interface FetchFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is there, first when a transfer begins. */
  readonly onProgress?: (bytes: number) => void;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly freeBytes?: (directory: string) => Promise<number>;
  /** A transfer that brings next to nothing for this long has broken off. */
  readonly silenceMs?: number;
}

/**
 * Brings a file of the hub to `target`: beside it first, going on where an earlier try ended, and renamed only when
 * what lies on the disk has the size and hash that the hub states. Throws {@link FetchError}.
 */
export async function fetchFile(hub: HubFile, target: string, options: FetchFileOptions = {}): Promise<void> {
  const part = `${target}.${hub.sha256.slice(0, 12)}.part`;
  await mkdir(dirname(target), { recursive: true }).catch(raise);
  await using _lock = await lockFile(`${part}.lock`);
  await checkSpace(hub, part, options);
  if (!(await isFetched(hub, part, options))) {
    // What was there may have come from a broken earlier try; a second whole transfer would prove the hub wrong.
    if (!(await isFetched(hub, part, options))) throw new FetchError('HASH_MISMATCH', { detail: hub.file });
  }
  await rename(part, target);
}

const MARGIN_BYTES = 64 * 2 ** 20;
const MOST_FRUITLESS_TRIES = 5;
const LONGEST_PAUSE_MS = 300_000;
const SILENCE_MS = 30_000;
/** A try that brings less was fruitless, and a connection over which less comes in `SILENCE_MS` is as good as dead. */
const LEAST_BYTES = 2 ** 16;

async function checkSpace(
  hub: HubFile,
  part: string,
  { freeBytes = freeOnDisk }: FetchFileOptions,
): Promise<void> {
  const needed = hub.sizeBytes - (await sizeOf(part)) + MARGIN_BYTES;
  const free = await freeBytes(dirname(part));
  if (free >= needed) return;
  throw new FetchError('DISK_FULL', {
    detail: `${hub.file} needs ${megabytes(needed)} more, ${megabytes(free)} are free`,
  });
}

/** Whether the part is the hub's file once it is whole; it is removed when it is not. */
async function isFetched(hub: HubFile, part: string, options: FetchFileOptions): Promise<boolean> {
  await fetchPart(hub, part, options);
  await flush(part);
  if ((await hashFile(part)) === hub.sha256) return true;
  await rm(part, { force: true });
  return false;
}

/** Transfers until the part has its size. Each try goes on where the last one ended. */
async function fetchPart(hub: HubFile, part: string, options: FetchFileOptions): Promise<void> {
  const { signal, sleep = pause } = options;
  const there = await sizeOf(part);
  const state: PartState = { bytes: there > hub.sizeBytes ? 0 : there };
  options.onProgress?.(state.bytes);
  for (let fruitless = 0, most = state.bytes; state.bytes < hub.sizeBytes; ) {
    const attempt = transfer({ hub, part, state, options });
    const failure = await attempt.catch((error: unknown) => asFetchError(error, hub));
    if (failure === undefined) return;
    signal?.throwIfAborted();
    // Against the most there ever was: a server that begins anew each time brings nothing either.
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
  readonly hub: HubFile;
  readonly part: string;
  readonly state: PartState;
  readonly options: FetchFileOptions;
}

/** Returns when the part is whole. */
async function transfer({ hub, part, state, options }: Transfer): Promise<undefined> {
  const { silenceMs = SILENCE_MS } = options;
  const silence = new AbortController();
  const signal = AbortSignal.any([silence.signal, ...(options.signal ? [options.signal] : [])]);
  const detail = `next to nothing came for ${silenceMs / 1000} s`;
  const listen = () => setTimeout(() => silence.abort(new FetchError('INTERRUPTED', { detail })), silenceMs);
  let timer = listen();
  try {
    const headers = state.bytes > 0 ? { range: `bytes=${state.bytes}-` } : {};
    const response = await request(hub.url, { headers, signal });
    // The server may send the whole file although only the rest was asked for.
    if (response.status !== 206) state.bytes = 0;
    await using file = await openPart(part, state.bytes);
    let expected = state.bytes + LEAST_BYTES;
    for await (const chunk of response.body ?? []) {
      await append(file, chunk, state, hub);
      options.onProgress?.(state.bytes);
      if (state.bytes >= hub.sizeBytes) return undefined;
      if (state.bytes < expected) continue;
      expected = state.bytes + LEAST_BYTES;
      clearTimeout(timer);
      timer = listen();
    }
  } finally {
    clearTimeout(timer);
  }
  throw new FetchError('INTERRUPTED', { detail: `at ${state.bytes} bytes` });
}

/** No more than the size stated: what a longer file is, its hash tells. */
async function append(file: FileHandle, chunk: Uint8Array, state: PartState, hub: HubFile): Promise<void> {
  const wanted = chunk.subarray(0, hub.sizeBytes - state.bytes);
  // Unlike `write`, which on an almost full disk writes a part and calls it well.
  await file.appendFile(wanted).catch(raise);
  state.bytes += wanted.length;
}

async function openPart(part: string, bytes: number): Promise<FileHandle> {
  const file = await open(part, 'a').catch(raise);
  await file.truncate(bytes);
  return file;
}

/** The name must not outlive a power cut that the bytes do not. */
async function flush(part: string): Promise<void> {
  await using file = await open(part, 'r+').catch(raise);
  await file.sync();
}

function raise(cause: NodeJS.ErrnoException): never {
  throw toFetchError(cause);
}

function asFetchError(error: unknown, hub: HubFile): FetchError {
  if (error instanceof FetchError) return error;
  return new FetchError('INTERRUPTED', { detail: hub.file, cause: error });
}

async function freeOnDisk(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
}
