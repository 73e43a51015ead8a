import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface AwaitReplacementOptions {
  readonly lookEveryMs: number;
  readonly signal: AbortSignal;
}

/** Which file lies at a path now; undefined when there is none. */
export async function fileVersion(path: string): Promise<string | undefined> {
  return stat(path).then(
    ({ ino, size, mtimeMs }) => `${ino}:${size}:${mtimeMs}`,
    () => undefined,
  );
}

/** Waits until another file lies at the path than that `version`, and nobody writes to it any more. */
export async function awaitReplacement(
  path: string,
  version: string | undefined,
  { lookEveryMs, signal }: AwaitReplacementOptions,
): Promise<void> {
  for (let before = version; ; ) {
    await delay(lookEveryMs, undefined, { signal });
    const now = await fileVersion(path);
    if (now !== undefined && now !== version && now === before) return;
    before = now;
  }
}
