import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface AwaitReplacementOptions {
  /** How often the file is checked. */
  readonly lookEveryMs: number;
  readonly signal: AbortSignal;
  /** Ends the wait too, when the file itself was not at fault. Asked at each check. */
  readonly mayWorkNow: () => boolean;
}

/** Identifies the content and the rights of the file at a path; undefined when there is none. */
export async function fileVersion(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats && `${stats.ino}:${stats.size}:${stats.ctimeMs}`;
}

/** Waits until the file of that `version` is gone, or was replaced by one that is no longer being written. */
export async function awaitReplacement(
  path: string,
  version: string | undefined,
  { lookEveryMs, signal, mayWorkNow }: AwaitReplacementOptions,
): Promise<void> {
  for (let before = version; ; ) {
    await delay(lookEveryMs, undefined, { signal });
    const now = await fileVersion(path);
    if (now === undefined || (now !== version && now === before) || mayWorkNow()) return;
    before = now;
  }
}
