import type { ChunkRef, StoredChunk } from '../../store/store.ts';
import type { CheckDeps } from './check-collection.ts';

/** With 200 questions, a hit rate is off by less than 0.07 in 19 of 20 collections. */
const SAMPLE = 200;
const PAGE = 500;
/** A text that ends the model is found out once more where more than these were given up. */
const MOST_GIVEN_UP = 10_000;

/**
 * One chunk each of documents that are evenly spread over the collection; none of a collection that is gone. Those whose
 * text was given up are left out: the model may end at them.
 */
export async function sampleChunks(
  { store, untilFree, signal }: Pick<CheckDeps, 'store' | 'untilFree' | 'signal'>,
  collection: string,
): Promise<readonly StoredChunk[]> {
  const stats = await store.getCollection(collection, { signal });
  if (stats === undefined) return [];
  const step = Math.max(1, stats.documents / SAMPLE);
  const refs: ChunkRef[] = [];
  let seen = 0;
  let after: string | undefined;
  for (;;) {
    await untilFree(signal);
    const page = await store.listDocuments(collection, { after, limit: PAGE }, { signal });
    for (const { id, chunkCount } of page) {
      const place = Math.floor(seen / step);
      if (place !== Math.floor((seen - 1) / step) && chunkCount > 0) {
        refs.push({ documentId: id, ordinal: place % chunkCount });
      }
      seen += 1;
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) break;
  }
  const quarantined = await store.vectors.quarantined(collection, MOST_GIVEN_UP, { signal });
  const givenUp = new Set(quarantined.map(keyOf));
  const fit = refs.filter((ref) => !givenUp.has(keyOf(ref)));
  return store.getChunks(collection, fit, { signal });
}

export function keyOf({ documentId, ordinal }: ChunkRef): string {
  return `${ordinal} ${documentId}`;
}
