import { setTimeout as delay } from 'node:timers/promises';

/** @throws the reason of the signal, when the user stops the command */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
