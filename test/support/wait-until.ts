import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs?: number;
  /** Default: 50. */
  readonly pollMs?: number;
  /** Read when it takes too long: what was seen last. */
  readonly describe?: () => string;
}

/** Asks until the answer is something else than false or undefined. */
export async function waitUntil<T>(
  ask: () => T | Promise<T>,
  { timeoutMs = 30_000, pollMs = 50, describe = () => '' }: WaitOptions = {},
): Promise<Exclude<T, false | undefined>> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>;
    if (Date.now() > giveUpAt) throw new Error(`waited ${timeoutMs} ms in vain ${describe()}`.trim());
    await sleep(pollMs);
  }
}
