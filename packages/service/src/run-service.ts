import type { App } from './app.ts';
import type { Logger } from './logger.ts';
import { type Closeable, stopInOrder } from './stop.ts';

export interface RunServiceOptions {
  readonly app: App;
  readonly log: Logger;
  readonly host: string;
  readonly port: number;
  /** In the order of opening; closed in reverse, after the app. */
  readonly closeables?: readonly Closeable[];
  /** For the whole stop. Default 4 s. */
  readonly deadlineMs?: number;
  readonly process?: ProcessSeam;
}

/** The part of `process` that a service needs. */
export interface ProcessSeam {
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  exit(code: number): void;
}

export interface RunningService {
  readonly url: string;
  readonly port: number;
  /** As SIGTERM does it, and exits likewise. */
  stop(): Promise<void>;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Listens until SIGTERM or SIGINT, then stops in order: no new requests, those in flight finish, the app
 * closes, then `closeables` in reverse. Exit code 0, or 1 when the deadline passed; a second signal ends at
 * once. Undefined when the port cannot be had: that is logged, all is closed and the exit code is 1.
 */
export async function runService(options: RunServiceOptions): Promise<RunningService | undefined> {
  const { app, log, host, port, closeables = [], deadlineMs = 4000, process: proc = process } = options;
  let stopping: Promise<void> | undefined;

  function stop(): Promise<void> {
    stopping ??= stopInOrder({ app, log, closeables, deadlineMs }).then((isClean) => finish(isClean ? 0 : 1));
    return stopping;
  }

  function finish(code: number): void {
    for (const signal of SIGNALS) proc.off(signal, onSignal);
    proc.off('unhandledRejection', onRejection);
    proc.off('uncaughtException', onRejection);
    proc.exit(code);
  }

  function onSignal(signal: unknown): void {
    if (stopping !== undefined) {
      log.warn({ signal }, 'second signal: stopping at once');
      finish(1);
      return;
    }
    log.info({ signal }, 'stopping');
    void stop();
  }

  function onRejection(err: unknown): void {
    log.fatal({ err }, 'unexpected error: exiting');
    finish(1);
  }

  for (const signal of SIGNALS) proc.on(signal, onSignal);
  proc.on('unhandledRejection', onRejection);
  proc.on('uncaughtException', onRejection);
  try {
    const url = await app.listen({ host, port });
    const address = app.server.address();
    return { url, port: typeof address === 'object' && address !== null ? address.port : port, stop };
  } catch (err) {
    log.fatal({ host, port, ...listenProblem(err) }, 'cannot listen');
    await stopInOrder({ app, log, closeables, deadlineMs });
    finish(1);
    return undefined;
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
