import type { StoreCallOptions } from '../store-call.ts';
import type { VectorStore } from '../vectors.ts';
import type { READS } from './read.ts';
import type { Write, WriteValue } from './write.ts';

type VectorReads = Pick<
  typeof READS,
  'dividedChunks' | 'pendingTexts' | 'quarantinedChunks' | 'setChecks' | 'vectorStats'
>;

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
  /** True where vectors of old sets are left to delete. */
  const change = async (one: Write, options?: StoreCallOptions) => {
    const hasOld = (await write(one, options?.signal)) === true;
    if (hasOld && !isDeleting) void deleteOld();
    return hasOld;
  };
  return {
    begin: async (set, options) => void (await change({ kind: 'begin-vectors', set }, options)),
    discard: (options) => change({ kind: 'discard-vectors' }, options),
    pending: async (limit, options) => {
      for (;;) {
        const texts = await read('pendingTexts', [limit], options);
        if (texts !== undefined) return texts;
        await write({ kind: 'hash-texts' }, options?.signal);
      }
    },
    put: async (set, vectors, options) => void (await change({ kind: 'vectors', set, vectors }, options)),
    quarantine: async (set, text, options) => void (await change({ kind: 'quarantine', set, text }, options)),
    keepCheck: async (check, options) => void (await change({ kind: 'keep-check', check }, options)),
    checks: (options) => read('setChecks', [], options),
    stats: (collection, options) => read('vectorStats', [collection], options),
    divided: (collection, options) => read('dividedChunks', [collection], options),
    quarantined: (collection, limit, options) => read('quarantinedChunks', [collection, limit], options),
  };
}
