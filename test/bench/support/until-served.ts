import { setTimeout as sleep } from 'node:timers/promises';

const MOST_MS = 60_000;

/** Asks until it is answered without an error, the last of which is thrown after a minute. */
export async function untilServed(ask: () => Promise<unknown>): Promise<void> {
  for (const endMs = Date.now() + MOST_MS; ; await sleep(200)) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > endMs) throw error;
    }
  }
}
