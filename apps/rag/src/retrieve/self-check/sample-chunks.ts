import type { StoredChunk } from '../../store/store.ts';
import type { ChunkRef } from '../../store/store-call.ts';
import { LEAST_ASKED } from '../dense-weight.ts';
import type { CheckDeps } from './check-deps.ts';
import { keyOf } from './key-of.ts';

/** With 1000 questions, a difference of two hit rates is mostly off by less than 0.02; with 200 it decides wrongly. */
const SAMPLE = 1000;
const PAGE = 500;
/** A text that ends the model is found out once more where more than these were given up. */
const MOST_GIVEN_UP = 10_000;

export interface Sample {
  readonly chunks: readonly StoredChunk[];
  /** There are too few documents to count by. */
  readonly hasFewDocuments: boolean;
}

/**
 * Chunks of documents that are evenly spread over the collection, as many of each as it takes; none of a collection that
 * is gone. Those whose text was given up are left out: the model may end at them.
 */
export async function sampleChunks(
  { store, untilFree, signal }: Pick<CheckDeps, 'store' | 'untilFree' | 'signal'>,
  collection: string,
): Promise<Sample> {
  const { documents } = (await store.getCollection(collection, { signal })) ?? { documents: 0 };
  const hasFewDocuments = documents < LEAST_ASKED;
  if (documents === 0) return { chunks: [], hasFewDocuments };
  const step = Math.max(1, documents / SAMPLE);
  const most = Math.max(1, Math.floor(SAMPLE / documents));
  const refs: ChunkRef[] = [];
  let seen = 0;
  let after: string | undefined;
  for (;;) {
    await untilFree(signal);
    const page = await store.listDocuments(collection, { after, limit: PAGE }, { signal });
    for (const { id, chunkCount } of page) {
      const place = Math.floor(seen / step);
      if (place !== Math.floor((seen - 1) / step))
        refs.push(...spread(chunkCount, most, place).map((ordinal) => ({ documentId: id, ordinal })));
      seen += 1;
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) break;
  }
  const quarantined = await store.vectors.quarantined(collection, MOST_GIVEN_UP, { signal });
  const givenUp = new Set(quarantined.map(keyOf));
  const fit = refs.filter((ref) => !givenUp.has(keyOf(ref)));
  return { chunks: await store.getChunks(collection, fit, { signal }), hasFewDocuments };
}

/** At most `most` of `count` ordinals, evenly spread from `first` on. */
function spread(count: number, most: number, first: number): readonly number[] {
  const length = Math.min(count, most);
  return Array.from({ length }, (_, at) => (first + Math.floor((at * count) / length)) % count);
}
