import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, describeEnd } from '@xnai/service/child';
import { StartError } from './start-error.ts';

/** One process of the stack. */
export interface StackPart {
  readonly name: string;
  /** Starts the process. `graceMs` is the time from asking it to stop until it is killed. */
  start(graceMs: number): Child;
  /** Resolves when the process answers, or when the start is cancelled. */
  waitUntilReady(): Promise<void>;
  /** Why it may have ended, for the end of a message. */
  explainEnd?(): Promise<string>;
}

export interface SupervisorOptions {
  readonly onSpawn: (pid: number) => void;
  readonly report: (message: string) => void;
  readonly limits?: SupervisorLimits;
}

export interface SupervisorLimits {
  /** Delay before the first restart of a part. It doubles with each further restart. */
  readonly restartDelayMs: number;
  /** A part that takes longer to stop goes on stopping while the next one is asked. */
  readonly stopEachMs: number;
  /** After this, each part that has not stopped is killed. */
  readonly stopAllMs: number;
}

interface RunningPart {
  readonly name: string;
  isReady: boolean;
  child: Child;
}

const MAX_RESTARTS = 5;
const LIMITS: SupervisorLimits = { restartDelayMs: 500, stopEachMs: 2_000, stopAllMs: 4_700 };

/**
 * Starts the parts of a stack, restarts those that crash after they were ready (five times, with exponential
 * backoff), and stops all in reverse order.
 */
export class Supervisor implements AsyncDisposable {
  /** Resolves with the reason when a part has ended and is not restarted. */
  readonly failure: Promise<string>;
  readonly #reportFailure: (reason: string) => void;
  readonly #options: Required<SupervisorOptions>;
  readonly #running: RunningPart[] = [];
  readonly #ends: Promise<unknown>[] = [];
  readonly #stopping = new AbortController();

  constructor(options: SupervisorOptions) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.failure = promise;
    this.#reportFailure = resolve;
    this.#options = { limits: LIMITS, ...options };
  }

  /**
   * Starts a part and waits until it is ready.
   *
   * @throws {StartError} when it ends before that: a restart would fail in the same way
   */
  async add(part: StackPart): Promise<void> {
    const running = { name: part.name, isReady: false, child: this.#spawn(part) };
    this.#running.push(running);
    const ended = this.#keepRunning(part, running);
    this.#ends.push(ended);
    void ended.then((reason) => reason !== undefined && this.#reportFailure(reason));
    await Promise.race([part.waitUntilReady(), ended.then(throwReason)]);
    running.isReady = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const { stopEachMs, stopAllMs } = this.#options.limits;
    const killTimer = setTimeout(() => this.#killAll(), stopAllMs);
    for (const { child } of this.#running.toReversed())
      await Promise.race([child.stop(), sleep(stopEachMs, undefined, { ref: false })]);
    await Promise.all(this.#ends);
    clearTimeout(killTimer);
  }

  #spawn(part: StackPart): Child {
    const child = part.start(this.#options.limits.stopAllMs);
    if (child.pid !== undefined) this.#options.onSpawn(child.pid);
    return child;
  }

  /** Resolves when the part has ended and is not restarted: with the reason, or undefined when it was stopped. */
  async #keepRunning(part: StackPart, running: RunningPart): Promise<string | undefined> {
    const { name } = part;
    for (let restarts = 0; ; restarts++) {
      const end = describeEnd(await running.child.ended);
      if (this.#stopping.signal.aborted) return undefined;
      const why = (await part.explainEnd?.()) ?? '';
      if (!running.isReady) return `${name} did not start (${end})${why}`;
      if (restarts === MAX_RESTARTS) return `${name} ended again (${end}), after ${restarts} restarts${why}`;
      const delayMs = this.#options.limits.restartDelayMs * 2 ** restarts;
      const count = `${restarts + 1} of ${MAX_RESTARTS}`;
      this.#options.report(`${name} ended (${end}); starting it again in ${delayMs} ms (${count})`);
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return undefined;
      running.child = this.#spawn(part);
    }
  }

  #killAll(): void {
    const { report, limits } = this.#options;
    for (const { name, child } of this.#running) {
      void child
        .kill(`it did not stop within ${limits.stopAllMs} ms`)
        .then(({ reason }) => reason !== undefined && report(`${name} was killed: ${reason}`));
    }
  }
}

function throwReason(reason: string | undefined): never {
  throw new StartError(reason ?? 'the start was stopped');
}
