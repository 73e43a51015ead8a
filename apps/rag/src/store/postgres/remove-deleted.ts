import { setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from './connections.ts';
import { removeRemains } from './delete-collection.ts';

const BUSY_MS = 1_000;

/** Deletes what deleted collections have left, batch by batch. The next deletion, and the next start, go on where this ends. */
export async function removeDeleted({ write }: Connections): Promise<void> {
  for (;;) {
    const remains = await write(removeRemains);
    if (remains === 'none') return;
    if (remains === 'busy') await sleep(BUSY_MS, undefined, { ref: false });
  }
}
