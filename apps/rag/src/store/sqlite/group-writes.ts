import { StoreError } from '../store-error.ts';
import { fromFailure, type Reply } from './protocol.ts';
import type { Write } from './write.ts';

/** Bounds of one commit, so that later writes do not wait too long. */
const MAX_WRITES = 64;
const MAX_CHARS = 4 * 1024 * 1024;

interface Pending {
  readonly write: Write;
  readonly settle: (reply: Reply | Error) => void;
}

/**
 * Collects the writes that arrive while the writer is busy and sends them as one batch, so that one commit
 * serves them all. Each promise resolves when its commit is done.
 */
export function groupWrites(send: (batch: readonly Write[]) => Promise<readonly Reply[]>) {
  const pending: Pending[] = [];
  let isFlushing = false;

  const flush = async () => {
    isFlushing = true;
    // Writes that arrive in the same turn of the event loop share a commit.
    await Promise.resolve();
    while (pending.length > 0) await sendBatch(takeBatch(pending), send);
    isFlushing = false;
  };
  return (write: Write, signal?: AbortSignal): Promise<boolean> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        const index = pending.indexOf(entry);
        if (index >= 0) pending.splice(index, 1);
        reject(signal?.reason);
      };
      const entry: Pending = {
        write,
        settle: (reply) => {
          signal?.removeEventListener('abort', onAbort);
          if (reply instanceof Error) reject(reply);
          else if (reply.ok) resolve(reply.value === true);
          else reject(fromFailure(reply.failure));
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      pending.push(entry);
      if (!isFlushing) void flush();
    });
}

async function sendBatch(
  batch: readonly Pending[],
  send: (batch: readonly Write[]) => Promise<readonly Reply[]>,
): Promise<void> {
  try {
    const replies = await send(batch.map(({ write }) => write));
    batch.forEach(({ settle }, index) => {
      settle(replies[index] ?? new StoreError('STORE_FAILED'));
    });
  } catch (error) {
    const failure = error instanceof Error ? error : new StoreError('STORE_FAILED', { cause: error });
    for (const { settle } of batch) settle(failure);
  }
}

/** Always at least one, however long. */
function takeBatch(pending: Pending[]): Pending[] {
  let chars = 0;
  let size = 0;
  for (const { write } of pending) {
    chars += write.kind === 'upsert' ? write.document.text.length : 0;
    if (size > 0 && (chars > MAX_CHARS || size >= MAX_WRITES)) break;
    size += 1;
  }
  return pending.splice(0, size);
}
