import { signal } from '@preact/signals';
import type { Collection } from '@xnai/contracts';
import { ClientError } from '@xnai/contracts/client';
import { rag } from './api.ts';

const DEFAULT_COLLECTION = 'default';

/** The collections there are; undefined until they were read. */
export const collections = signal<readonly Collection[] | undefined>(undefined);
/** The collection that panels work on. */
export const chosen = signal(DEFAULT_COLLECTION);

const PAGE = 1000;

/** Whether more of its chunks will have vectors. */
export function isBeingEmbedded(found: Collection): boolean {
  const { embedding_model: model, embedded_chunks: embedded, quarantined_chunks: refused } = found;
  return model !== null && embedded + refused < found.chunks;
}

/** Between a lost connection and the next one. */
const AGAIN_MS = 2000;

/** Keeps the figures of a collection new until all of its chunks are embedded; ended by what this returns. */
export function followCollection(name: string): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const follow = async () => {
    if ((await isToFollowAgain(name, signal)) && !signal.aborted) timer = setTimeout(follow, AGAIN_MS);
  };
  void follow();
  return () => {
    clearTimeout(timer);
    stopping.abort();
  };
}

/** Not where all is embedded, the collection is deleted, or this person may not read it. */
async function isToFollowAgain(name: string, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const { data } of rag.value.collectionEvents(name, { signal })) {
      if (signal.aborted) return false;
      collections.value = collections.value?.map((one) => (one.name === name ? data : one));
      if (!isBeingEmbedded(data)) return false;
    }
    return true;
  } catch (error) {
    return error instanceof ClientError && error.retryable;
  }
}

/** Reads the list anew. @throws {ClientError} when it cannot be read */
export async function readCollections(): Promise<void> {
  const { collections: found } = await rag.value.collections({ limit: PAGE });
  collections.value = found;
  const isThere = found.some(({ name }) => name === chosen.value);
  const [first] = found;
  if (!isThere && first) chosen.value = first.name;
}
