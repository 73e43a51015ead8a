import { signal } from '@preact/signals';
import type { Collection } from '@xnai/contracts';
import { rag } from './api.ts';

const DEFAULT_COLLECTION = 'default';

/** The collections there are; undefined until they were read. */
export const collections = signal<readonly Collection[] | undefined>(undefined);
/** The collection that panels work on. */
export const chosen = signal(DEFAULT_COLLECTION);

const PAGE = 1000;

/** Reads the list anew. @throws {ClientError} when it cannot be read */
export async function readCollections(): Promise<void> {
  const { collections: found } = await rag.value.collections({ limit: PAGE });
  collections.value = found;
  const isThere = found.some(({ name }) => name === chosen.value);
  const [first] = found;
  if (!isThere && first) chosen.value = first.name;
}
