import { setTimeout as delay } from 'node:timers/promises';
import type { App } from './app-type.ts';
import type { Logger } from './logger.ts';
import { type Closeable, stopInOrder } from './stop.ts';

export interface RunServiceOptions {
  readonly app: App;
  readonly log: Logger;
  readonly host: string;
  readonly port: number;
  /** In the order of opening; closed in reverse, after the app. */
  readonly closeables?: readonly Closeable[];
  /** For which requests are still served once a stop was asked for, while `/readyz` says 503 already. Default: 0. */
  readonly drainMs?: number;
  /** Time for the whole stop after that. Default: 4 s. */
  readonly graceMs?: number;
}

// Ctrl-C reaches every process of the terminal's group, and a parent may pass it on too: both signals mean one stop.
const ONE_STOP_MS = 500;

/**
 * Listens until SIGTERM or SIGINT, then stops in order: it is not ready any more, for `drainMs`; no new requests, those in flight finish, the app
 * closes, then `closeables` in reverse. The process exits with 0, or with 1 when something did not close in time, when
 * the port cannot be used or on an unhandled error; a later signal ends it at once.
 */
export async function runService(options: RunServiceOptions): Promise<void> {
  const { app, log, host, port, closeables = [], drainMs = 0, graceMs = 4000 } = options;
  let stoppingSince: number | undefined;

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now();
      log.info({ signal }, 'stopping');
      app.draining.isOn = true;
      await delay(drainMs);
      process.exit((await stopInOrder({ app, log, closeables, graceMs })) ? 0 : 1);
    }
    if (Date.now() - stoppingSince < ONE_STOP_MS) return;
    log.warn({ signal }, 'second signal: stopping at once');
    process.exit(1);
  }

  function crash(err: unknown): void {
    log.fatal({ err }, 'unexpected error: exiting');
    process.exit(1);
  }

  process.on('SIGTERM', stop).on('SIGINT', stop);
  process.on('unhandledRejection', crash).on('uncaughtException', crash);
  try {
    await app.listen({ host, port });
  } catch (err) {
    log.fatal({ host, port, ...listenProblem(err) }, 'cannot listen');
    await stopInOrder({ app, log, closeables, graceMs });
    process.exit(1);
  }
}

function listenProblem(err: unknown): object {
  const { code } = err as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return { reason: 'the port is taken by another process' };
  if (code === 'EACCES') return { reason: 'no permission for this port' };
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return { reason: 'this machine does not have the address' };
  return { err };
}
