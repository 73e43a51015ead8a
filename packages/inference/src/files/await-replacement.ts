import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface AwaitReplacementOptions {
  readonly lookEveryMs: number;
  readonly signal: AbortSignal;
  /** Ends the wait too, when the file itself was not at fault. Asked at each look. */
  readonly mayWorkNow: () => boolean;
}

/** Which file lies at a path now, and with which rights; undefined when there is none. */
export async function fileVersion(path: string): Promise<string | undefined> {
  return stat(path).then(
    ({ ino, size, ctimeMs }) => `${ino}:${size}:${ctimeMs}`,
    () => undefined,
  );
}

/** Waits until the file of that `version` is gone, or another is in its place and nobody writes to it any more. */
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
