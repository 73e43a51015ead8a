import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { groupWrites } from './sqlite/group-writes.ts';
import type { Reply } from './sqlite/protocol.ts';
import type { READS } from './sqlite/read.ts';
import type { ReadRequest } from './sqlite/reader-thread.ts';
import { openThreads, type Threads } from './sqlite/threads.ts';
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
 * Opens a store in one SQLite file: full text in FTS5, one thread that writes and some that read, none of them
 * the event loop. Throws INDEX_DAMAGED, INDEX_NEWER, INDEX_FOREIGN.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { path, readers: size = 2, maxBytes, nowMs = Date.now } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const writer = await openThreads({ entry: WRITER, data: { path, maxBytes }, size: 1 });
  const readers = await openThreads({ entry: READER, data: { path }, size });
  const at = () => new Date(nowMs()).toISOString();
  return {
    dimensions: undefined,
    ...reads(readers, path),
    ...writes(writer, at),
    ...closing(writer, readers),
  };
}

const WRITER = new URL('./sqlite/writer-thread.ts', import.meta.url);
const READER = new URL('./sqlite/reader-thread.ts', import.meta.url);

type Reads = typeof READS;
type ReadArgs<Name extends keyof Reads> = Reads[Name] extends (db: never, ...args: infer Args) => unknown
  ? Args
  : never;

function reads(threads: Threads, path: string) {
  const read = <Name extends keyof Reads>(name: Name, args: ReadArgs<Name>, options?: StoreCallOptions) => {
    const request: ReadRequest = { read: name, args };
    return threads.call(request, options?.signal) as Promise<ReturnType<Reads[Name]>>;
  };
  return {
    getCollection: (collection, options) => read('getCollection', [collection], options),
    listCollections: (page, options) => read('listCollections', [page], options),
    getDocument: (key, options) => read('getDocument', [key], options),
    getSummary: (key, options) => read('getSummary', [key], options),
    listDocuments: (collection, page, options) => read('listDocuments', [collection, page], options),
    getChunks: (collection, refs, options) => read('getChunks', [collection, refs], options),
    search: async (query, options) => {
      if (query.vector !== undefined) throw new StoreError('VECTORS_NOT_KEPT');
      return { lexical: await read('search', [query], options), dense: [] };
    },
    termStatistics: (collection, words, options) => read('termStatistics', [collection, words], options),
    stats: (options) => read('stats', [path], options),
  } satisfies Partial<Store>;
}

function writes(threads: Threads, at: () => string) {
  // The signal is not passed on: a batch also carries the writes of other callers.
  const write = groupWrites(async (batch: readonly Write[]) => (await threads.call(batch)) as Reply[]);
  return {
    upsertDocument: async (document, options) => ({
      created: await write({ kind: 'upsert', document, at: at() }, options?.signal),
    }),
    updateMetadata: (key, metadata, options) =>
      write({ kind: 'metadata', key, metadata, at: at() }, options?.signal),
    deleteDocument: (key, options) => write({ kind: 'delete-document', key, at: at() }, options?.signal),
    deleteCollection: (collection, options) =>
      write({ kind: 'delete-collection', collection }, options?.signal),
  } satisfies Partial<Store>;
}

function closing(writer: Threads, readers: Threads) {
  const close = async () => {
    await readers.close();
    await writer.close();
  };
  return { close, [Symbol.asyncDispose]: close };
}
