import { deadlineIn, withTimeLimit } from '@xnai/resilience';
import type { App } from './app-type.ts';
import type { Logger } from './logger.ts';

export interface Closeable {
  /** For the log line of a stop that hangs or fails. */
  readonly name: string;
  close(): Promise<unknown> | unknown;
}

export interface StopOptions {
  readonly app: App;
  readonly log: Logger;
  readonly closeables: readonly Closeable[];
  /** For the whole stop. */
  readonly graceMs: number;
}

/** Left for the closeables, of a stop that has more than two and a half times as long. */
const FOR_CLOSEABLES_MS = 4000;
const SHARE_FOR_CLOSEABLES = 0.4;
/** Without connections, the server closes within a few ticks. */
const FORCED_CLOSE_MS = 200;

/** Closes the app, then the closeables in reverse. False when something failed or did not close in time. */
export async function stopInOrder({ app, log, closeables, graceMs }: StopOptions): Promise<boolean> {
  const deadline = deadlineIn(graceMs);
  const forCloseablesMs = Math.min(FOR_CLOSEABLES_MS, graceMs * SHARE_FOR_CLOSEABLES);
  let isClean = await closeApp(app, log, graceMs - forCloseablesMs);
  for (const closeable of closeables.toReversed()) {
    const isClosed = await closeInTime(closeable, log, deadline.remainingMs());
    isClean &&= isClosed;
  }
  log.info({ clean: isClean }, 'stopped');
  return isClean;
}

async function closeApp(app: App, log: Logger, timeoutMs: number): Promise<boolean> {
  const closing = app.close();
  if (await closeInTime({ name: 'requests', close: () => closing }, log, timeoutMs)) return true;
  for (const { end } of [...app.openStreams]) end();
  app.server.closeAllConnections();
  await withTimeLimit(() => closing, { timeoutMs: FORCED_CLOSE_MS }).catch(() => {});
  return false;
}

async function closeInTime(closeable: Closeable, log: Logger, timeoutMs: number): Promise<boolean> {
  const late = new Error('late');
  try {
    // With no time left, the closeable is still asked to close.
    await withTimeLimit(() => closeable.close(), { timeoutMs: Math.max(1, timeoutMs), reason: () => late });
    return true;
  } catch (err) {
    if (err === late) log.error({ what: closeable.name }, 'did not close in time');
    else log.error({ what: closeable.name, err }, 'failed to close');
    return false;
  }
}
