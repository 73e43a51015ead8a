import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '@xnai/contracts';
import type { RagClient } from '@xnai/contracts/client';
import type { RagProcess } from './rag-process.ts';

const MOST_MS = 1_800_000;
const MOST_CHECK_MS = 300_000;

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

/**
 * Waits for the check of the collection that says what vectors weigh in it, by about as many chunks as it has now. Without
 * one the weight is that of the start.
 */
export async function untilWeighed({ client, url }: RagProcess, collection: string): Promise<number> {
  const endMs = performance.now() + MOST_CHECK_MS;
  const { chunks } = await client.getCollection(collection);
  while (performance.now() < endMs && !(await isChecked(url, chunks))) await sleep(500);
  const { retrieval } = await client.search({ query: 'anything', collection, mode: 'hybrid' });
  return retrieval.legs?.dense?.weight ?? 0;
}

async function isChecked(url: string, chunks: number): Promise<boolean> {
  const { checks } = (await (await fetch(`${url}/readyz`)).json()) as Readiness;
  const detail = checks['fusion']?.detail as { collections?: readonly { chunks: number }[] } | undefined;
  return detail?.collections?.some((checked) => Math.abs(checked.chunks / chunks - 1) < 0.2) ?? false;
}
