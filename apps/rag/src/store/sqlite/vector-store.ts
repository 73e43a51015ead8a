import type { StoreCallOptions } from '../store-call.ts';
import type { VectorStore } from '../vectors.ts';
import type { READS } from './read.ts';
import type { Write, WriteValue } from './write.ts';

type VectorReads = Pick<typeof READS, 'pendingTexts' | 'quarantinedChunks' | 'vectorStats'>;

export interface VectorStoreDeps {
  readonly read: <Name extends keyof VectorReads>(
    name: Name,
    args: VectorReads[Name] extends (db: never, ...args: infer Args) => unknown ? Args : never,
    options?: StoreCallOptions,
  ) => Promise<ReturnType<VectorReads[Name]>>;
  readonly write: (write: Write, signal?: AbortSignal) => Promise<WriteValue>;
}

/** Old sets are deleted in the background, a block at a time between other writes, until the store is closed. */
export function createVectorStore({ read, write }: VectorStoreDeps): VectorStore {
  let isDeleting = false;
  const deleteOld = async () => {
    isDeleting = true;
    while ((await write({ kind: 'delete-old-vectors' }).catch(() => false)) === true);
    isDeleting = false;
  };
  const change = async (one: Write, options?: StoreCallOptions) => {
    const hasOld = await write(one, options?.signal);
    if (hasOld === true && !isDeleting) void deleteOld();
  };
  return {
    begin: (set, options) => change({ kind: 'begin-vectors', set }, options),
    pending: async (limit, options) => {
      for (;;) {
        const texts = await read('pendingTexts', [limit], options);
        if (texts !== undefined) return texts;
        await write({ kind: 'hash-texts' }, options?.signal);
      }
    },
    put: (set, vectors, options) => change({ kind: 'vectors', set, vectors }, options),
    quarantine: (set, text, options) => change({ kind: 'quarantine', set, text }, options),
    stats: (collection, options) => read('vectorStats', [collection], options),
    quarantined: (collection, limit, options) => read('quarantinedChunks', [collection, limit], options),
  };
}
