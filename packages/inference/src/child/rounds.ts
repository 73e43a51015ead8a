import type { Priority } from '../model.ts';

/**
 * Synchronizes all requests of a context, so that one batch serves one step of each of them. Without it, requests miss
 * each other's batches: the library begins the next batch before the last request has processed its token.
 */
export interface Rounds {
  join(priority: Priority): RoundMember;
  /** Runs work that needs the context for itself: after the running batch has ended, while no other begins. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
}

export interface RoundMember {
  /**
   * Waits for the next round and returns the number of tokens granted in it. A request for one token is always granted.
   * Larger requests share the batch's remaining room, oldest first. 0 when `signal` is aborted.
   */
  turn(wanted: number, signal: AbortSignal): Promise<number>;
  leave(): void;
}

interface Waiting {
  readonly wanted: number;
  readonly order: number;
  readonly grant: (tokens: number) => void;
}

/** `batchTokens`: tokens of prompts that a round evaluates, besides one token of each request that writes. */
export function createRounds(batchTokens: number): Rounds {
  const waiting = new Set<Waiting>();
  let stepping = 0;
  let held = 0;
  let joined = 0;

  function advance(): void {
    if (stepping > 0 || held > 0) return;
    let room = batchTokens;
    for (const one of [...waiting].sort((a, b) => a.order - b.order)) {
      const tokens = one.wanted === 1 ? 1 : Math.min(one.wanted, room);
      if (tokens === 0) continue;
      if (one.wanted > 1) room -= tokens;
      waiting.delete(one);
      stepping += 1;
      one.grant(tokens);
    }
  }

  return {
    join(priority) {
      const order = ++joined + (priority === 'background' ? BEHIND_ALL : 0);
      let isStepping = false;
      const back = () => {
        if (isStepping) stepping -= 1;
        isStepping = false;
      };
      return {
        async turn(wanted, signal) {
          back();
          if (signal.aborted) {
            advance();
            return 0;
          }
          const { promise, resolve } = Promise.withResolvers<number>();
          const one: Waiting = { wanted, order, grant: resolve };
          const abort = () => {
            if (waiting.delete(one)) resolve(0);
          };
          signal.addEventListener('abort', abort, { once: true });
          waiting.add(one);
          advance();
          const tokens = await promise;
          signal.removeEventListener('abort', abort);
          isStepping = tokens > 0;
          return tokens;
        },
        leave() {
          back();
          advance();
        },
      };
    },

    async exclusive(work) {
      held += 1;
      try {
        return await work();
      } finally {
        held -= 1;
        advance();
      }
    },
  };
}

const BEHIND_ALL = Number.MAX_SAFE_INTEGER / 2;
