import { signal } from '@preact/signals';
import type { Collection } from '@xnai/contracts';
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

/** Keeps the figures of a collection new until all of its chunks are embedded; ended by what this returns. */
export function followCollection(name: string): () => void {
  const stopping = new AbortController();
  // Where the connection is lost, the figures stay as they were read last.
  void follow(name, stopping.signal).catch(() => {});
  return () => stopping.abort();
}

async function follow(name: string, signal: AbortSignal): Promise<void> {
  for await (const { data } of rag.value.collectionEvents(name, { signal })) {
    if (signal.aborted) return;
    collections.value = collections.value?.map((one) => (one.name === name ? data : one));
    if (!isBeingEmbedded(data)) return;
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
