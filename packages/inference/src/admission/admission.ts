import { startTimeLimit } from '@xnai/resilience';
import type { CallOptions, Priority } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { placeFreeMs, type Running } from './place-free.ts';
import type { Expectation } from './service-rates.ts';

export interface AdmissionOptions {
  /** Number of requests that run in parallel; read each time, because a reload may change it. */
  readonly slots: () => number;
  readonly capacity: Readonly<Record<Priority, number>>;
  readonly nowMs?: () => number;
  readonly onRefusal?: (reason: Refusal) => void;
  /** Called with true when the first request begins to run, and with false when the last has ended. */
  readonly onBusy?: ((isBusy: boolean) => void) | undefined;
}

export type Refusal = 'full' | 'deadline';

export interface Ticket {
  /** Time spent in the queue. */
  readonly waitedMs: number;
  release(): void;
}

interface Waiting {
  readonly expected: Expectation;
  readonly start: () => void;
}

/** A bounded queue per class in front of the sequences of a model; interactive requests go first. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #nowMs: () => number;
  readonly #running = new Set<Running>();
  readonly #queues: Record<Priority, Waiting[]> = { interactive: [], background: [] };
  /** Times that refused callers were given as `Retry-After`. */
  readonly #promised: Record<Priority, readonly number[]> = { interactive: [], background: [] };

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  get running(): number {
    return this.#running.size;
  }

  get queued(): number {
    return this.#queues.interactive.length + this.#queues.background.length;
  }

  /**
   * Waits for a turn; throws the signal's reason when aborted.
   *
   * @throws {ModelError} OVERLOADED when the queue of the class is full, with the time until a place is free
   * @throws {ModelError} DEADLINE_EXCEEDED as soon as the deadline cannot be met
   */
  async enter(options: CallOptions, expected: Expectation | undefined): Promise<Ticket> {
    options.signal?.throwIfAborted();
    const { priority = 'interactive' } = options;
    const isBusy = this.#running.size >= this.#options.slots();
    if (isBusy && this.#queues[priority].length >= this.#options.capacity[priority]) {
      throw this.#refusal('full', new ModelError('OVERLOADED', { retryAfterMs: this.#promise(priority) }));
    }
    this.#checkDeadline(options, expected);
    const enteredAtMs = this.#nowMs();
    return isBusy ? this.#wait(options, expected ?? UNKNOWN) : this.#begin(enteredAtMs, expected ?? UNKNOWN);
  }

  /** How long a new request of that class would wait for its turn. */
  estimateWaitMs(priority: Priority = 'interactive'): number {
    const { interactive, background } = this.#queues;
    return (
      this.#freeTimes(priority === 'interactive' ? interactive : [...interactive, ...background])[0] ?? 0
    );
  }

  /** Lets waiting requests in when the number of slots has grown. */
  wake(): void {
    while (this.#running.size < this.#options.slots()) {
      const next = this.#queues.interactive.shift() ?? this.#queues.background.shift();
      if (next === undefined) return;
      next.start();
    }
  }

  #begin(enteredAtMs: number, expected: Expectation): Ticket {
    const job: Running = { startedAtMs: this.#nowMs(), expected };
    this.#running.add(job);
    if (this.#running.size === 1) this.#options.onBusy?.(true);
    return {
      waitedMs: job.startedAtMs - enteredAtMs,
      release: () => {
        if (!this.#running.delete(job)) return;
        this.wake();
        if (this.#running.size === 0) this.#options.onBusy?.(false);
      },
    };
  }

  async #wait(
    { priority = 'interactive', signal, deadline }: CallOptions,
    expected: Expectation,
  ): Promise<Ticket> {
    const queue = this.#queues[priority];
    const enteredAtMs = this.#nowMs();
    const late = () => this.#refusal('deadline', lateInQueue());
    using limit = startTimeLimit({ deadline, signal, reason: late });
    const { promise, resolve, reject } = Promise.withResolvers<Ticket>();
    const waiting: Waiting = { expected, start: () => resolve(this.#begin(enteredAtMs, expected)) };
    const leave = () => {
      const at = queue.indexOf(waiting);
      if (at === -1) return;
      queue.splice(at, 1);
      reject(limit.signal.reason);
    };
    limit.signal.addEventListener('abort', leave, { once: true });
    queue.push(waiting);
    return await promise;
  }

  #checkDeadline({ priority, deadline }: CallOptions, expected: Expectation | undefined): void {
    if (deadline === undefined) return;
    const firstTokenMs = Math.round(this.estimateWaitMs(priority) + (expected?.firstTokenMs ?? 0));
    const leftMs = Math.round(deadline.remainingMs());
    if (firstTokenMs < leftMs) return;
    const detail = `the answer is expected to begin in ${firstTokenMs} ms, ${leftMs} ms are left`;
    throw this.#refusal('deadline', new ModelError('DEADLINE_EXCEEDED', { detail }));
  }

  /** When each slot becomes free if all requests ahead take as long as expected; the earliest first. */
  #freeTimes(ahead: readonly Waiting[]): number[] {
    const now = this.#nowMs();
    const times = [...this.#running].map(({ startedAtMs, expected }) =>
      Math.max(0, startedAtMs + expected.totalMs - now),
    );
    while (times.length < this.#options.slots()) times.push(0);
    for (const { expected } of ahead) {
      times.sort((a, b) => a - b);
      times[0] = (times[0] ?? 0) + expected.totalMs;
    }
    return times.sort((a, b) => a - b);
  }

  /** Earliest free place not yet promised to another refused caller, so that they do not all retry at the same moment. */
  #promise(priority: Priority): number {
    const nowMs = this.#nowMs();
    const promised = this.#promised[priority].filter((atMs) => atMs > nowMs);
    const { interactive, background } = this.#queues;
    const ahead = priority === 'interactive' ? 0 : interactive.length;
    const before = ahead + promised.length;
    const waiting = [...interactive, ...background];
    const inMs = Math.max(1_000, placeFreeMs({ running: this.#running, waiting, before, nowMs }));
    const isMost = promised.length >= MOST_PROMISES * this.#options.capacity[priority];
    this.#promised[priority] = isMost ? promised : [...promised, nowMs + inMs];
    return inMs;
  }

  #refusal(reason: Refusal, error: ModelError): ModelError {
    this.#options.onRefusal?.(reason);
    return error;
  }
}

/**
 * Individual retry times are given out for up to this multiple of the capacity; later callers get the last time, so that
 * a flood cannot push `Retry-After` up without limit.
 */
const MOST_PROMISES = 4;
const UNKNOWN: Expectation = { firstTokenMs: 0, totalMs: 0, longMs: 0 };

function lateInQueue(): ModelError {
  return new ModelError('DEADLINE_EXCEEDED', { detail: 'the deadline passed in the queue' });
}
