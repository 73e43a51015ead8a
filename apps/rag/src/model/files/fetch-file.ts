import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FetchError } from './fetch-error.ts';
import { type HubFile, request } from './hub.ts';
import { lockFile } from './lock-file.ts';

export interface FetchFileOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (bytes: number) => void;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly freeBytes?: (directory: string) => Promise<number>;
}

/**
 * Brings a file of the hub to `target`: beside it first, going on where an earlier try ended, and renamed only when
 * size and hash are as the hub states them. Throws {@link FetchError}.
 */
export async function fetchFile(hub: HubFile, target: string, options: FetchFileOptions = {}): Promise<void> {
  const part = `${target}.${hub.sha256.slice(0, 12)}.part`;
  await mkdir(dirname(target), { recursive: true }).catch(notWritable);
  await using _lock = await lockFile(`${part}.lock`);
  await checkSpace(hub, part, options);
  if ((await fetchPart(hub, part, options)) !== hub.sha256) {
    // What is there may come from a broken earlier try; a second whole transfer would prove the hub wrong.
    await rm(part, { force: true });
    if ((await fetchPart(hub, part, options)) !== hub.sha256) {
      await rm(part, { force: true });
      throw new FetchError('HASH_MISMATCH', { detail: hub.file });
    }
  }
  await rename(part, target);
}

const MARGIN_BYTES = 64 * 2 ** 20;
const MOST_FRUITLESS_TRIES = 5;
const LONGEST_PAUSE_MS = 300_000;
/** A transfer from which nothing comes for this long has broken off. */
const SILENCE_MS = 30_000;

async function checkSpace(
  hub: HubFile,
  part: string,
  { freeBytes = freeOnDisk }: FetchFileOptions,
): Promise<void> {
  const there = await sizeOf(part);
  const needed = hub.sizeBytes - there + MARGIN_BYTES;
  const free = await freeBytes(dirname(part));
  if (free >= needed) return;
  throw new FetchError('DISK_FULL', { detail: `${hub.file} needs ${needed} bytes more, ${free} are free` });
}

/** Transfers until the part has its size, and gives its hash. Each try goes on where the last one ended. */
async function fetchPart(hub: HubFile, part: string, options: FetchFileOptions): Promise<string> {
  const { signal, sleep = pause } = options;
  const hash = await hashSoFar(part, hub.sizeBytes);
  let { bytes } = hash;
  for (let fruitless = 0; bytes < hub.sizeBytes; ) {
    const before = bytes;
    const failure = await transfer({ hub, part, state: hash, options }).then(
      () => undefined,
      (error: unknown) => error,
    );
    bytes = hash.bytes;
    if (bytes >= hub.sizeBytes) break;
    signal?.throwIfAborted();
    if (failure instanceof FetchError && !failure.retryable) throw failure;
    fruitless = bytes > before ? 0 : fruitless + 1;
    if (fruitless >= MOST_FRUITLESS_TRIES) throw asFetchError(failure, hub);
    const asked = failure instanceof FetchError ? failure.retryAfterMs : undefined;
    await sleep(Math.min(LONGEST_PAUSE_MS, asked ?? 1_000 * 2 ** fruitless), signal);
  }
  return hash.hash.digest('hex');
}

interface PartState {
  hash: Hash;
  bytes: number;
}

interface Transfer {
  readonly hub: HubFile;
  readonly part: string;
  readonly state: PartState;
  readonly options: FetchFileOptions;
}

async function transfer({ hub, part, state, options }: Transfer): Promise<void> {
  const silence = new AbortController();
  const signal = AbortSignal.any([silence.signal, ...(options.signal ? [options.signal] : [])]);
  const restartSilence = () => setTimeout(() => silence.abort(new Error('silence')), SILENCE_MS);
  let timer = restartSilence();
  try {
    const headers = state.bytes > 0 ? { range: `bytes=${state.bytes}-` } : {};
    const response = await request(hub.url, { headers, signal });
    if (response.status !== 206) restart(state);
    await using file = await openPart(part, state.bytes);
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = restartSilence();
      await append(file, chunk, state, hub);
      options.onProgress?.(state.bytes);
    }
  } finally {
    clearTimeout(timer);
  }
  if (state.bytes < hub.sizeBytes) throw new FetchError('INTERRUPTED', { detail: `at ${state.bytes} bytes` });
}

async function append(file: FileHandle, chunk: Uint8Array, state: PartState, hub: HubFile): Promise<void> {
  if (state.bytes + chunk.length > hub.sizeBytes) {
    throw new FetchError('HASH_MISMATCH', {
      detail: `${hub.file} is longer than the ${hub.sizeBytes} bytes stated`,
    });
  }
  await file.write(chunk, 0, chunk.length, state.bytes).catch(diskError);
  state.hash.update(chunk);
  state.bytes += chunk.length;
}

/** The server sends the whole file although only the rest was asked for. */
function restart(state: PartState): void {
  state.hash = createHash('sha256');
  state.bytes = 0;
}

async function hashSoFar(part: string, sizeBytes: number): Promise<PartState> {
  const state: PartState = { hash: createHash('sha256'), bytes: 0 };
  const there = await sizeOf(part);
  if (there === 0 || there > sizeBytes) return state;
  for await (const chunk of createReadStream(part, { highWaterMark: 1 << 20 })) {
    state.hash.update(chunk);
    state.bytes += (chunk as Buffer).length;
  }
  return state;
}

async function openPart(part: string, bytes: number): Promise<FileHandle> {
  const file = await open(part, bytes === 0 ? 'w' : 'r+').catch(notWritable);
  await file.truncate(bytes);
  return file;
}

function diskError(cause: NodeJS.ErrnoException): never {
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') throw new FetchError('DISK_FULL', { cause });
  return notWritable(cause);
}

function notWritable(cause: NodeJS.ErrnoException): never {
  throw new FetchError('NOT_WRITABLE', { detail: cause.code ?? cause.message, cause });
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
