import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly pollMs?: number;
  /** Added to the error's message: what was seen last. */
  readonly describe?: () => string;
}

/**
 * Asks until the answer is anything but false, undefined or null, and returns it.
 *
 * @param what completes "waited for …" in the error's message
 * @throws {Error} after `timeoutMs`
 */
export async function waitUntil<T>(
  what: string,
  ask: () => T | Promise<T>,
  { timeoutMs = 30_000, pollMs = 10, describe = () => '' }: WaitOptions = {},
): Promise<Exclude<T, false | undefined | null>> {
  const giveUpAtMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined && answer !== null)
      return answer as Exclude<T, false | undefined | null>;
    if (performance.now() > giveUpAtMs)
      throw new Error(`waited for ${timeoutMs} ms: ${what} ${describe()}`.trim());
    await delay(pollMs);
  }
}
