import { setTimeout as sleep } from 'node:timers/promises';

export interface QuestionsAtWork {
  /** The same function, whose calls are counted while they are at work. */
  counted<Args extends readonly unknown[], T>(
    ask: (...args: Args) => Promise<T>,
  ): (...args: Args) => Promise<T>;
  /** Waits until no question is at work, but not for ever: under load one batch a second is embedded. */
  untilNone(signal: AbortSignal): Promise<void>;
}

const LONGEST_WAIT_MS = 1000;
const LOOK_EVERY_MS = 20;

export function createQuestionsAtWork({ longestWaitMs = LONGEST_WAIT_MS } = {}): QuestionsAtWork {
  let count = 0;
  return {
    counted:
      (ask) =>
      async (...args) => {
        count += 1;
        try {
          return await ask(...args);
        } finally {
          count -= 1;
        }
      },
    async untilNone(signal) {
      for (let waitedMs = 0; count > 0 && waitedMs < longestWaitMs; waitedMs += LOOK_EVERY_MS) {
        await sleep(LOOK_EVERY_MS, undefined, { signal });
      }
    },
  };
}
