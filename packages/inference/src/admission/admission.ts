import { startTimeLimit } from '@xnai/resilience';
import type { CallOptions, Priority } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { placeFreeMs, type Running } from './place-free.ts';
import type { Expectation } from './service-rates.ts';

export interface AdmissionOptions {
  /** How many run side by side; asked each time, as a reload may change it. */
  readonly slots: () => number;
  readonly capacity: Readonly<Record<Priority, number>>;
  readonly nowMs?: () => number;
  readonly onRefusal?: (reason: Refusal) => void;
  /** When the first begins to run, and when the last has ended. */
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
  /** When those refused were told to come back. */
  readonly #told: Record<Priority, readonly number[]> = { interactive: [], background: [] };

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
   * Waits for a turn. Throws `OVERLOADED` at once when the class's queue is full, with the time until a place is
   * free; `DEADLINE_EXCEEDED` as soon as the deadline cannot be kept; the signal's reason when aborted.
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

  /** When each slot is free, were everything ahead to take as long as expected; the earliest first. */
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

  /**
   * When the next place is free that nobody has been told of yet: told the same time, all but the first to come back
   * would be refused again.
   */
  #promise(priority: Priority): number {
    const nowMs = this.#nowMs();
    const told = this.#told[priority].filter((atMs) => atMs > nowMs);
    const { interactive, background } = this.#queues;
    const ahead = priority === 'interactive' ? 0 : interactive.length;
    const before = ahead + told.length;
    const waiting = [...interactive, ...background];
    const inMs = Math.max(1_000, placeFreeMs({ running: this.#running, waiting, before, nowMs }));
    const isMost = told.length >= PLACES_TOLD * this.#options.capacity[priority];
    this.#told[priority] = isMost ? told : [...told, nowMs + inMs];
    return inMs;
  }

  #refusal(reason: Refusal, error: ModelError): ModelError {
    this.#options.onRefusal?.(reason);
    return error;
  }
}

/** As many queues full of places are told of one by one; whoever comes without end does not put off others without end. */
const PLACES_TOLD = 4;
const UNKNOWN: Expectation = { firstTokenMs: 0, totalMs: 0, longMs: 0 };

function lateInQueue(): ModelError {
  return new ModelError('DEADLINE_EXCEEDED', { detail: 'the deadline passed in the queue' });
}
