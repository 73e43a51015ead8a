import { dirname } from 'node:path';
import { makeFolder } from '@xnai/service/make-folder';
import type { TaskFailure } from '@xnai/service/thread-task';
import { openThreads, ThreadError, type Threads, type ThreadsOptions } from '@xnai/service/threads';
import type { Registry } from 'prom-client';
import { groupWrites } from './sqlite/group-writes.ts';
import { createLineMetrics, type Line, type LineMetrics } from './sqlite/line-metrics.ts';
import type { READS } from './sqlite/read.ts';
import type { ReaderData, ReadRequest } from './sqlite/reader-thread.ts';
import { requireReadable, type WriterOptions } from './sqlite/schema.ts';
import { toSent } from './sqlite/sent-write.ts';
import { createVectorStore } from './sqlite/vector-store.ts';
import type { Write } from './sqlite/write.ts';
import type { Store } from './store.ts';
import type { StoreCallOptions } from './store-call.ts';
import { StoreError } from './store-error.ts';
import type { TransferSource, TransferTarget } from './transfer.ts';

export interface SqliteStoreOptions {
  /** The index file; its folder is made when it is missing. */
  readonly path: string;
  /** Threads that search side by side. */
  readonly readers?: number | undefined;
  /** The index file grows no further: more is refused with STORAGE_FULL. */
  readonly maxBytes?: number | undefined;
  readonly nowMs?: (() => number) | undefined;
}

export interface SqliteStore extends Store, Omit<TransferTarget, keyof Store> {
  registerMetrics(registry: Registry): void;
}

/**
 * Opens a store in one SQLite file: full text in FTS5, one thread that writes, some that search and one that looks rows
 * up, so that the event loop never waits for the disk, and what is cheap never for a search.
 *
 * @throws {StoreError} INDEX_DAMAGED, INDEX_NEWER or INDEX_FOREIGN when the file cannot be used as the index
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { path, readers: size = 2, maxBytes, nowMs = Date.now } = options;
  await makeFolder(dirname(path));
  await using opened = new AsyncDisposableStack();
  const metrics = createLineMetrics();
  const writer = opened.use(openWriter({ path, maxBytes }, metrics));
  await run(writer.run('open', undefined));
  const searches = opened.use(openReaders({ path, size, onEnded: metrics.ended('search') }));
  const lookups = opened.use(openReaders({ path, size: 1, onEnded: metrics.ended('lookup') }));
  await Promise.all([connect(searches, size), connect(lookups, 1)]);
  const written = groupWrites({
    send: (batch: readonly Write[]) => run(writer.run('answer', batch.map(toSent))),
    toError: toStoreError,
    onSent: (waitedMs) => metrics.waited('write', waitedMs),
  });
  const waiting = {
    lookup: () => lookups.waiting,
    search: () => searches.waiting,
    write: written.waiting,
  } satisfies Record<Line, () => number>;
  const read = readIn({ searches, lookups });
  const resources = opened.move();
  const close = () => resources.disposeAsync();
  return {
    vectors: createVectorStore({ read, write: written.add }),
    ...reads(read, path),
    ...writes(written.add, () => new Date(nowMs()).toISOString()),
    registerMetrics: (registry) => metrics.register(registry, waiting),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Opens the index in a file to be read only, also while another process writes to it.
 *
 * @throws {StoreError} INDEX_MISSING, INDEX_OLDER, INDEX_NEWER, INDEX_FOREIGN or INDEX_DAMAGED
 */
export async function openSqliteSource(path: string): Promise<TransferSource> {
  requireReadable(path);
  const readers = openReaders({ path, size: 2, onEnded: () => {} });
  const read = readIn({ searches: readers, lookups: readers });
  return {
    ...reads(read, path),
    vectors: { stats: (collection, options) => read('vectorStats', [collection], options) },
    [Symbol.asyncDispose]: () => readers[Symbol.asyncDispose](),
  };
}

type Readers = Threads<typeof import('./sqlite/reader-thread.ts')>;
type Writer = Threads<typeof import('./sqlite/writer-thread.ts')>;

/** The data is in SQLite's own memory; without limits V8 lets garbage grow to several times this. */
const SMALL_HEAP = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512 };

interface ReadersOptions extends ReaderData, Required<Pick<ThreadsOptions, 'size' | 'onEnded'>> {}

function openReaders({ path, size, onEnded }: ReadersOptions): Readers {
  const module = new URL('./sqlite/reader-thread.ts', import.meta.url);
  const workerData: ReaderData = { path };
  const options = { module, size, workerData, resourceLimits: SMALL_HEAP, toError: toStoreError };
  return openThreads({ ...options, onEnded });
}

function connect(readers: Readers, size: number): Promise<unknown> {
  return Promise.all(Array.from({ length: size }, () => run(readers.run('open', undefined))));
}

/** Its connection is the last one to be closed, and then removes the write-ahead log. */
function openWriter(workerData: WriterOptions, metrics: LineMetrics) {
  const writer: Writer = openThreads({
    module: new URL('./sqlite/writer-thread.ts', import.meta.url),
    size: 1,
    workerData,
    resourceLimits: SMALL_HEAP,
    toError: toStoreError,
    onEnded: ({ tookMs }) => metrics.worked('write', tookMs),
  });
  const close = async () => {
    await writer.run('close', undefined).catch(() => {});
    await writer.close();
  };
  return { run: writer.run.bind(writer), [Symbol.asyncDispose]: close };
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

interface ReadLines {
  readonly searches: Readers;
  readonly lookups: Readers;
}

/** What takes longer the more a collection holds; all else is found by its key. */
const SEARCHES: ReadonlySet<keyof Reads> = new Set(['search', 'termStatistics']);

function readIn({ searches, lookups }: ReadLines) {
  return <Name extends keyof Reads>(name: Name, args: ReadArgs<Name>, options?: StoreCallOptions) => {
    const threads = SEARCHES.has(name) ? searches : lookups;
    const request: ReadRequest = { read: name, args };
    return run(threads.run('answer', request, { signal: options?.signal })) as Promise<
      ReturnType<Reads[Name]>
    >;
  };
}

function reads(read: ReturnType<typeof readIn>, path: string) {
  return {
    getCollection: (collection, options) => read('getCollection', [collection], options),
    listCollections: (page, options) => read('listCollections', [page], options),
    getDocument: (key, options) => read('getDocument', [key], options),
    getSummary: (key, options) => read('getSummary', [key], options),
    listDocuments: (collection, page, options) => read('listDocuments', [collection, page], options),
    listAddresses: (collection, page, options) => read('listAddresses', [collection, page], options),
    getAddress: (key, options) => read('getAddress', [key], options),
    listOutdated: (page, options) => read('listOutdated', [page], options),
    getChunks: (collection, refs, options) => read('getChunks', [collection, refs], options),
    search: (query, options) => read('search', [query], options),
    termStatistics: (collection, terms, options) => read('termStatistics', [collection, terms], options),
    stats: (options) => read('stats', [path], options),
    exportDocument: (key, options) => read('exportDocument', [key], options),
    documentVectors: (set, key, options) => read('documentVectors', [set, key], options),
  } satisfies Partial<Store & TransferSource>;
}

/** The signal only keeps a write from being sent: a batch also carries the writes of other callers. */
function writes(write: ReturnType<typeof groupWrites>['add'], at: () => string) {
  const change = async (one: Write, options?: StoreCallOptions) =>
    (await write(one, options?.signal)) === true;
  return {
    upsertDocument: async (document, options) => {
      const value = await write({ kind: 'upsert', document, at: at() }, options?.signal);
      return typeof value === 'boolean' ? { created: value } : { created: false, ...value };
    },
    replaceReading: (document, options) => change({ kind: 'reading', document }, options),
    importDocument: async (document, options) => {
      await write({ kind: 'import', document }, options?.signal);
    },
    reindexNext: (options) => change({ kind: 'reindex' }, options),
    updateMetadata: (key, renewal, options) =>
      change({ kind: 'metadata', key, ...renewal, at: at() }, options),
    deleteDocument: (key, options) => change({ kind: 'delete-document', key, at: at() }, options),
    deleteCollection: (collection, options) => change({ kind: 'delete-collection', collection }, options),
  } satisfies Partial<Store & TransferTarget>;
}
