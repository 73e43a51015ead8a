import { setTimeout as sleep } from 'node:timers/promises';
import type { RagClient } from '@xnai/contracts/client';

const MOST_MS = 900_000;

/** Waits until all chunks of the collection have a vector and search takes these; returns how long it waited. */
export async function untilEmbedded(client: RagClient, collection: string): Promise<number> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < MOST_MS) {
    const { chunks, embedded_chunks } = await client.getCollection(collection);
    if (embedded_chunks === chunks && (await isHybrid(client, collection)))
      return performance.now() - startedMs;
    await sleep(50);
  }
  throw new Error('the chunks were not embedded in time');
}

async function isHybrid(client: RagClient, collection: string): Promise<boolean> {
  const { retrieval } = await client.search({ query: 'anything', collection });
  return retrieval.mode === 'hybrid';
}
