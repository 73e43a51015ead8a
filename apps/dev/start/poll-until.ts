import { setTimeout as sleep } from 'node:timers/promises';

export interface PollOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const POLL_MS = 25;

/** Calls `check` until it returns true. Returns false when the time limit or an abort comes first. */
export async function pollUntil(
  check: () => boolean | Promise<boolean>,
  { timeoutMs, signal }: PollOptions,
): Promise<boolean> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!(await check())) {
    if (signal?.aborted || performance.now() >= giveUpAtMs) return false;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return true;
}
