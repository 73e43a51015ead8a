import { setTimeout as delay } from 'node:timers/promises';
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
  readonly deadlineMs: number;
}

// What is left for the closeables after requests had their time.
const SHARE_FOR_REQUESTS = 0.6;
// Without connections, closing the server is a matter of a few ticks.
const FORCED_CLOSE_MS = 200;

/** Closes the app, then the closeables in reverse. False when something failed or the deadline passed. */
export async function stopInOrder({ app, log, closeables, deadlineMs }: StopOptions): Promise<boolean> {
  const giveUpAt = Date.now() + deadlineMs;
  let isClean = await closeApp(app, log, deadlineMs * SHARE_FOR_REQUESTS);
  for (const closeable of closeables.toReversed()) {
    const isClosed = await closeOne(closeable, log, Math.max(0, giveUpAt - Date.now()));
    isClean &&= isClosed;
  }
  log.info({ clean: isClean }, 'stopped');
  return isClean;
}

async function closeApp(app: App, log: Logger, timeoutMs: number): Promise<boolean> {
  const closing = app.close();
  try {
    if (await isDone(closing, timeoutMs)) return true;
    log.warn('requests did not finish in time: closing their connections');
    app.server.closeAllConnections();
    await isDone(closing, FORCED_CLOSE_MS);
  } catch (err) {
    log.error({ what: 'app', err }, 'failed to close');
  }
  return false;
}

async function closeOne(closeable: Closeable, log: Logger, timeoutMs: number): Promise<boolean> {
  try {
    if (await isDone(Promise.resolve(closeable.close()), timeoutMs)) return true;
    log.error({ what: closeable.name }, 'did not close in time');
  } catch (err) {
    log.error({ what: closeable.name, err }, 'failed to close');
  }
  return false;
}

async function isDone(work: PromiseLike<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
