import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TaskFailure } from '@xnai/service/thread-task';
import { openThreads, ThreadError, type Threads } from '@xnai/service/threads';
import { groupWrites } from './sqlite/group-writes.ts';
import type { READS } from './sqlite/read.ts';
import type { ReaderData, ReadRequest } from './sqlite/reader-thread.ts';
import type { WriterOptions } from './sqlite/schema.ts';
import type { Write } from './sqlite/write.ts';
import type { Store, StoreCallOptions } from './store.ts';
import { StoreError } from './store-error.ts';

export interface SqliteStoreOptions {
  /** The index file; its folder is made when it is missing. */
  readonly path: string;
  /** Threads that search and read side by side. */
  readonly readers?: number | undefined;
  /** The index file grows no further: more is refused with STORAGE_FULL. */
  readonly maxBytes?: number | undefined;
  readonly nowMs?: (() => number) | undefined;
}

/**
 * Opens a store in one SQLite file: full text in FTS5, one thread that writes and some that read, so that the event
 * loop never waits for the disk.
 *
 * @throws {StoreError} INDEX_DAMAGED, INDEX_NEWER or INDEX_FOREIGN when the file cannot be used as the index
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { path, readers: size = 2, maxBytes, nowMs = Date.now } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await using opened = new AsyncDisposableStack();
  const writer = opened.use(openWriter({ path, maxBytes }));
  await run(writer.run('open', undefined));
  const readers = opened.use(openReaders({ path }, size));
  await Promise.all(Array.from({ length: size }, () => run(readers.run('open', undefined))));
  const at = () => new Date(nowMs()).toISOString();
  const resources = opened.move();
  const close = () => resources.disposeAsync();
  return {
    dimensions: undefined,
    ...reads(readers, path),
    ...writes(writer, at),
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Readers = Threads<typeof import('./sqlite/reader-thread.ts')>;
type Writer = Threads<typeof import('./sqlite/writer-thread.ts')>;

/** The data is in SQLite's own memory; without limits V8 lets garbage grow to several times this. */
const SMALL_HEAP = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512 };

function openReaders(workerData: ReaderData, size: number): Readers {
  const module = new URL('./sqlite/reader-thread.ts', import.meta.url);
  return openThreads({ module, size, workerData, resourceLimits: SMALL_HEAP, toError: toStoreError });
}

/** Its connection is the last one to be closed, and then removes the write-ahead log. */
function openWriter(workerData: WriterOptions): Writer {
  const module = new URL('./sqlite/writer-thread.ts', import.meta.url);
  const writer: Writer = openThreads({
    module,
    size: 1,
    workerData,
    resourceLimits: SMALL_HEAP,
    toError: toStoreError,
  });
  const close = async () => {
    await writer.run('close', undefined).catch(() => {});
    await writer.close();
  };
  return { run: writer.run.bind(writer), close, [Symbol.asyncDispose]: close };
}

/** Runs a task, with an error of the store for every error of the threads. */
async function run<T>(task: Promise<T>): Promise<T> {
  try {
    return await task;
  } catch (error) {
    if (!(error instanceof ThreadError)) throw error;
    throw new StoreError(error.code === 'THREADS_CLOSED' ? 'STORE_CLOSED' : 'STORE_FAILED', { cause: error });
  }
}

function toStoreError({ code, message, cause }: TaskFailure): StoreError {
  const options = { detail: message, cause: cause === undefined ? undefined : new Error(cause) };
  return new StoreError(code !== undefined && StoreError.has(code) ? code : 'STORE_FAILED', options);
}

type Reads = typeof READS;
type ReadArgs<Name extends keyof Reads> = Reads[Name] extends (db: never, ...args: infer Args) => unknown
  ? Args
  : never;

function reads(threads: Readers, path: string) {
  const read = <Name extends keyof Reads>(name: Name, args: ReadArgs<Name>, options?: StoreCallOptions) => {
    const request: ReadRequest = { read: name, args };
    return run(threads.run('answer', request, { signal: options?.signal })) as Promise<
      ReturnType<Reads[Name]>
    >;
  };
  return {
    getCollection: (collection, options) => read('getCollection', [collection], options),
    listCollections: (page, options) => read('listCollections', [page], options),
    getDocument: (key, options) => read('getDocument', [key], options),
    getSummary: (key, options) => read('getSummary', [key], options),
    listDocuments: (collection, page, options) => read('listDocuments', [collection, page], options),
    listOutdated: (page, options) => read('listOutdated', [page], options),
    getChunks: (collection, refs, options) => read('getChunks', [collection, refs], options),
    search: async (query, options) => {
      if (query.vector !== undefined) throw new StoreError('VECTORS_NOT_KEPT');
      return { lexical: await read('search', [query], options), dense: [] };
    },
    termStatistics: (collection, words, options) => read('termStatistics', [collection, words], options),
    stats: (options) => read('stats', [path], options),
  } satisfies Partial<Store>;
}

function writes(threads: Writer, at: () => string) {
  // The signal is not passed on: a batch also carries the writes of other callers.
  const write = groupWrites({
    send: (batch: readonly Write[]) => run(threads.run('answer', batch)),
    toError: toStoreError,
  });
  return {
    upsertDocument: async (document, options) => ({
      created: await write({ kind: 'upsert', document, at: at() }, options?.signal),
    }),
    replaceReading: (document, options) => write({ kind: 'reading', document }, options?.signal),
    updateMetadata: (key, metadata, options) =>
      write({ kind: 'metadata', key, metadata, at: at() }, options?.signal),
    deleteDocument: (key, options) => write({ kind: 'delete-document', key, at: at() }, options?.signal),
    deleteCollection: (collection, options) =>
      write({ kind: 'delete-collection', collection }, options?.signal),
  } satisfies Partial<Store>;
}
