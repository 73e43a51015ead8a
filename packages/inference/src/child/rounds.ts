import type { Priority } from '../model.ts';

/**
 * Has all requests of a context take each step together, so that one batch serves them all. Left to themselves they
 * miss each other: the library begins the next batch before the last of them has come back with its token.
 */
export interface Rounds {
  join(priority: Priority): Member;
  /** Work that needs the context for itself: it begins when the running batch has ended, and no batch begins before it ends. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
}

export interface Member {
  /**
   * Waits for the next round. One wanted token is always granted; of more, as many as the batch has room for, prompts
   * that came first going first. 0 when `signal` is aborted.
   */
  turn(wanted: number, signal: AbortSignal): Promise<number>;
  leave(): void;
}

interface Waiting {
  readonly wanted: number;
  readonly order: number;
  readonly grant: (tokens: number) => void;
}

/** `batchTokens`: how many tokens of prompts a round takes, besides one of each request that writes. */
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
