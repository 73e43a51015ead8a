import { StoreError } from '../store-error.ts';
import type { Write, WriteValue } from './write.ts';
import type { WriteReply } from './writer-thread.ts';

/** Bounds of one commit, so that a write never waits long for those in front of it. */
const MAX_WRITES = 64;
const MAX_CHARS = 4 * 1024 * 1024;

interface Pending {
  readonly write: Write;
  readonly resolve: (value: WriteValue) => void;
  readonly reject: (reason: unknown) => void;
  readonly sinceMs: number;
}

export interface GroupWritesOptions {
  readonly send: (batch: readonly Write[]) => Promise<readonly WriteReply[]>;
  readonly toError: (failure: Extract<WriteReply, { failure: unknown }>['failure']) => Error;
  /** Called for each write when its batch is sent. */
  readonly onSent: (waitedMs: number) => void;
}

/**
 * Collects the writes that arrive while the writer is busy and sends them as one batch, so that one commit serves them
 * all. Each promise resolves when its commit is done.
 */
export function groupWrites({ send, toError, onSent }: GroupWritesOptions) {
  const pending: Pending[] = [];
  let isFlushing = false;

  async function flush(): Promise<void> {
    isFlushing = true;
    // What arrives in the same turn of the event loop goes into the same commit.
    await Promise.resolve();
    while (pending.length > 0) await sendBatch(takeBatch(pending));
    isFlushing = false;
  }

  async function sendBatch(batch: readonly Pending[]): Promise<void> {
    for (const { sinceMs } of batch) onSent(performance.now() - sinceMs);
    try {
      const replies = await send(batch.map(({ write }) => write));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const reply = replies[index];
        if (reply === undefined) reject(new StoreError('STORE_FAILED'));
        else if ('value' in reply) resolve(reply.value);
        else reject(toError(reply.failure));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  const add = async (write: Write, signal?: AbortSignal): Promise<WriteValue> => {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<WriteValue>();
    const entry: Pending = { write, resolve, reject, sinceMs: performance.now() };
    const onAbort = () => {
      const index = pending.indexOf(entry);
      if (index >= 0) pending.splice(index, 1);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    pending.push(entry);
    if (!isFlushing) void flush();
    return promise.finally(() => signal?.removeEventListener('abort', onAbort));
  };
  return { add, waiting: () => pending.length };
}

/** Always at least one, however long. */
function takeBatch(pending: Pending[]): Pending[] {
  let chars = 0;
  let size = 0;
  for (const { write } of pending) {
    chars += 'document' in write ? write.document.text.length : 0;
    if (size > 0 && (chars > MAX_CHARS || size >= MAX_WRITES)) break;
    size += 1;
  }
  return pending.splice(0, size);
}
