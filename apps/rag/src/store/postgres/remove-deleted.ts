import { setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from './connections.ts';
import { type Remains, removeRemains } from './delete-collection.ts';
import { stateOf } from './postgres-failure.ts';

const BUSY_MS = 1_000;

/** Deletes what deleted collections have left, batch by batch. The next deletion, and the next start, go on where this ends. */
export async function removeDeleted({ write }: Connections): Promise<void> {
  for (;;) {
    const remains = await write((db) => removeRemains(db)).catch(busyIfLocked);
    if (remains === 'none') return;
    if (remains === 'busy') await sleep(BUSY_MS, undefined, { ref: false });
  }
}

/** Of a lock that others have for longer. */
function busyIfLocked(error: unknown): Remains {
  if (error instanceof Error && stateOf(error.cause) === '55P03') return 'busy';
  throw error;
}
