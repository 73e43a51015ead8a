import { startPolling } from '../poll.ts';
import type { DueSet } from './due-set.ts';
import { isRedisAway } from './guards.ts';

export interface ServeDueOptions {
  readonly due: DueSet;
  /** Maximum number of ids that are served at a time. */
  readonly atOnce: number;
  /** Longer than any wait between two changes of an id in the set. */
  readonly leaseMs: number;
  readonly pollMs: number;
  /** Puts the id off or removes it. Rejects when the signal is aborted, which is when the service stops. */
  readonly serve: (id: string, signal: AbortSignal) => Promise<void>;
  /** Called for errors of `serve`, except while Redis is away. The id is served again after its lease. */
  readonly onError: (error: unknown, id: string) => void;
}

/** Serves ids as they become due, each in one replica at a time. One whose replica has died goes on in another. */
export function serveDue({ due, atOnce, leaseMs, pollMs, serve, onError }: ServeDueOptions): AsyncDisposable {
  const closing = new AbortController();
  const underWay = new Map<string, Promise<void>>();

  async function look(): Promise<void> {
    const free = atOnce - underWay.size;
    for (const id of free > 0 ? await due.claim(free, leaseMs) : []) {
      if (underWay.has(id)) continue;
      underWay.set(
        id,
        serveOne(id).finally(() => underWay.delete(id)),
      );
    }
  }

  async function serveOne(id: string): Promise<void> {
    try {
      await serve(id, closing.signal);
    } catch (error) {
      // Another replica goes on at once; without Redis, when the lease has ended.
      if (closing.signal.aborted) await due.putOff(id, Date.now()).catch(() => {});
      else if (!isRedisAway(error)) onError(error, id);
    }
  }

  let looking = Promise.resolve();
  const polling = startPolling(() => {
    looking = look();
    return looking;
  }, pollMs);
  return {
    async [Symbol.asyncDispose]() {
      polling[Symbol.dispose]();
      closing.abort(new Error('the service is stopping'));
      await looking.catch(() => {});
      await Promise.all(underWay.values());
    },
  };
}
