import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** One part of the stack, as a child process. */
export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
}

export interface Supervised {
  /** Resolves when the child has ended for good; with the reason when nobody asked it to. */
  readonly ended: Promise<string | undefined>;
  /** From here on an end is an accident, and the child is started again. */
  markReady(): void;
  /** Asks the child to stop. */
  stop(): void;
  /** Ends the child and all that it has started; false when it had ended before. */
  kill(): boolean;
}

export interface SuperviseHooks {
  readonly onSpawn: (pid: number) => void;
  readonly report: (message: string) => void;
}

const MAX_RESTARTS = 5;
const FIRST_DELAY_MS = 500;

/**
 * Starts a child in a process group of its own (so that Ctrl-C reaches only the supervisor, which stops things in
 * order) and starts it again, up to five times, when it ends after having been ready. A child that
 * never became ready is not started again: it would fail in the same way.
 */
export function supervise(spec: ChildSpec, { onSpawn, report }: SuperviseHooks): Supervised {
  const stopping = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<string | undefined>();
  let child: ChildProcess | undefined;
  let isReady = false;
  let hasEnded = false;
  let restarts = 0;

  function settle(reason: string | undefined): void {
    hasEnded = true;
    resolve(reason);
  }

  function start(): void {
    child = spawn(spec.command, spec.args, { ...spec.options, detached: true });
    const { pid } = child;
    if (pid !== undefined) onSpawn(pid);
    let failure: string | undefined;
    child.once('error', (error) => {
      failure = error.message;
      if (pid === undefined) void onEnd(failure);
    });
    child.once('exit', (code, signal) => {
      killGroup(pid);
      void onEnd(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  }

  async function onEnd(reason: string): Promise<void> {
    if (stopping.signal.aborted) return settle(undefined);
    if (!isReady) return settle(`${spec.name} did not start (${reason})`);
    if (restarts === MAX_RESTARTS)
      return settle(`${spec.name} ended again (${reason}), after ${restarts} restarts`);
    const delayMs = FIRST_DELAY_MS * 2 ** restarts++;
    report(
      `${spec.name} ended (${reason}); starting it again in ${delayMs} ms (${restarts} of ${MAX_RESTARTS})`,
    );
    await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
    if (stopping.signal.aborted) return settle(undefined);
    start();
  }

  start();
  return {
    ended,
    markReady() {
      isReady = true;
    },
    stop() {
      stopping.abort();
      child?.kill('SIGTERM');
    },
    kill() {
      if (hasEnded) return false;
      stopping.abort();
      killGroup(child?.pid);
      return true;
    },
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: nothing of the group is left.
  }
}
