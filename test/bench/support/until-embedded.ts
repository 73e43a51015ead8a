import { setTimeout as sleep } from 'node:timers/promises';
import type { RagClient } from '@xnai/contracts/client';

const MOST_MS = 1_800_000;
const MOST_CHECK_MS = 60_000;

/** Waits until all chunks of the collection have a vector. */
export async function untilEmbedded(client: RagClient, collection: string): Promise<void> {
  const endMs = performance.now() + MOST_MS;
  while (performance.now() < endMs) {
    const { chunks, embedded_chunks } = await client.getCollection(collection);
    if (embedded_chunks === chunks) return;
    await sleep(50);
  }
  throw new Error('the chunks were not embedded in time');
}

/** Waits for the check of the collection that says what vectors weigh in it; without one the weight is that of the start. */
export async function untilWeighed(client: RagClient, collection: string): Promise<number> {
  const endMs = performance.now() + MOST_CHECK_MS;
  for (;;) {
    const { retrieval } = await client.search({ query: 'anything', collection, mode: 'hybrid' });
    const dense = retrieval.legs?.dense;
    if (dense?.measured === true || performance.now() > endMs) return dense?.weight ?? 0;
    await sleep(500);
  }
}
