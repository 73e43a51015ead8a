import { startTimeLimit } from '@xnai/resilience';
import { inSpan } from '@xnai/service/trace';
import type { ModelCallOptions, Priority } from '../model.ts';
import { ModelError } from '../model-error.ts';
import type { ExpectedTimes } from './service-rates.ts';

export interface ModelQueueOptions {
  /** Number of calls that run in parallel; read each time, because a reload may change it. */
  readonly sequences: () => number;
  /** Number of calls of each class that may wait. */
  readonly capacity: Readonly<Record<Priority, number>>;
  readonly nowMs?: () => number;
  readonly onRefusal?: (reason: QueueRefusal) => void;
  /** Called with true when the first call begins to run, and with false when the last has ended. */
  readonly onBusy?: ((isBusy: boolean) => void) | undefined;
}

export type QueueRefusal = 'full' | 'deadline';

/** The right to use one sequence of the model. */
export interface SequenceLease {
  /** Time spent in the queue. */
  readonly waitedMs: number;
  release(): void;
}

interface RunningCall {
  readonly startedAtMs: number;
  readonly expected: ExpectedTimes;
}

interface WaitingCall {
  readonly expected: ExpectedTimes;
  readonly start: () => void;
}

/** A bounded queue per class in front of the sequences of a model; interactive calls go first. */
export class ModelQueue {
  readonly #options: ModelQueueOptions;
  readonly #nowMs: () => number;
  readonly #running = new Set<RunningCall>();
  readonly #queues: Record<Priority, WaitingCall[]> = { interactive: [], background: [] };
  /** When refused callers were told to come back. */
  readonly #retriesAtMs: Record<Priority, readonly number[]> = { interactive: [], background: [] };

  constructor(options: ModelQueueOptions) {
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
   * Waits for a sequence; throws the signal's reason when aborted.
   *
   * @throws {ModelError} OVERLOADED when the queue of the class is full, with the time until a place in it is free
   * @throws {ModelError} DEADLINE_EXCEEDED as soon as the deadline cannot be met
   */
  enter(options: ModelCallOptions, expected: ExpectedTimes | undefined): Promise<SequenceLease> {
    return inSpan('model queue', {}, () => this.#enter(options, expected));
  }

  /** How long a new call of that class would wait if the calls ahead of it take as long as expected. */
  estimateWaitMs(priority: Priority = 'interactive'): number {
    const { interactive, background } = this.#queues;
    const ahead = priority === 'interactive' ? interactive : [...interactive, ...background];
    const nowMs = this.#nowMs();
    const ends = [...this.#running].map(({ startedAtMs, expected }) =>
      Math.max(0, startedAtMs + expected.totalMs - nowMs),
    );
    while (ends.length < this.#options.sequences()) ends.push(0);
    return nextEndMs(ends, ahead.map(totalMsOf));
  }

  /** Lets waiting calls in when the number of sequences has grown. */
  wake(): void {
    while (this.#running.size < this.#options.sequences()) {
      const next = this.#queues.interactive.shift() ?? this.#queues.background.shift();
      if (next === undefined) return;
      next.start();
    }
  }

  async #enter(options: ModelCallOptions, expected: ExpectedTimes | undefined): Promise<SequenceLease> {
    options.signal?.throwIfAborted();
    const { priority = 'interactive' } = options;
    const isBusy = this.#running.size >= this.#options.sequences();
    if (isBusy && this.#queues[priority].length >= this.#options.capacity[priority]) {
      throw this.#refuse(
        'full',
        new ModelError('OVERLOADED', { retryAfterMs: this.#retryAfterMs(priority) }),
      );
    }
    this.#checkDeadline(options, expected);
    return isBusy ? this.#wait(options, expected ?? UNKNOWN) : this.#begin(0, expected ?? UNKNOWN);
  }

  #begin(waitedMs: number, expected: ExpectedTimes): SequenceLease {
    const call: RunningCall = { startedAtMs: this.#nowMs(), expected };
    this.#running.add(call);
    if (this.#running.size === 1) this.#options.onBusy?.(true);
    return {
      waitedMs,
      release: () => {
        if (!this.#running.delete(call)) return;
        this.wake();
        if (this.#running.size === 0) this.#options.onBusy?.(false);
      },
    };
  }

  async #wait(
    { priority = 'interactive', signal, deadline }: ModelCallOptions,
    expected: ExpectedTimes,
  ): Promise<SequenceLease> {
    const queue = this.#queues[priority];
    const enteredAtMs = this.#nowMs();
    const detail = 'the deadline passed in the queue';
    const reason = () => this.#refuse('deadline', new ModelError('DEADLINE_EXCEEDED', { detail }));
    using limit = startTimeLimit({ deadline, signal, reason });
    const { promise, resolve, reject } = Promise.withResolvers<SequenceLease>();
    const start = () => resolve(this.#begin(this.#nowMs() - enteredAtMs, expected));
    const waiting: WaitingCall = { expected, start };
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

  #checkDeadline({ priority, deadline }: ModelCallOptions, expected: ExpectedTimes | undefined): void {
    if (deadline === undefined) return;
    const firstTokenMs = Math.round(this.estimateWaitMs(priority) + (expected?.firstTokenMs ?? 0));
    const leftMs = Math.round(deadline.remainingMs());
    if (firstTokenMs < leftMs) return;
    const detail = `the answer is expected to begin in ${firstTokenMs} ms, ${leftMs} ms are left`;
    throw this.#refuse('deadline', new ModelError('DEADLINE_EXCEEDED', { detail }));
  }

  /**
   * When a place in the queue is free that no other refused caller was told of, so that they do not all retry at the same
   * moment. A running call is expected to take the time that few exceed; one that has already taken longer is expected to
   * take that long again.
   */
  #retryAfterMs(priority: Priority): number {
    const nowMs = this.#nowMs();
    const { interactive, background } = this.#queues;
    const told = this.#retriesAtMs[priority].filter((atMs) => atMs > nowMs);
    const ends = [...this.#running].map(({ startedAtMs, expected }) => {
      const elapsedMs = nowMs - startedAtMs;
      return elapsedMs < expected.longMs ? expected.longMs - elapsedMs : elapsedMs;
    });
    const waiting = [...interactive, ...background].map(totalMsOf);
    const usualMs = meanOf([...waiting, ...[...this.#running].map(totalMsOf)]);
    const placesBefore = told.length + (priority === 'interactive' ? 0 : interactive.length);
    const ahead = Array.from({ length: placesBefore }, (_, nth) => waiting[nth] ?? usualMs);
    const inMs = Math.max(1_000, nextEndMs(ends, ahead));
    const isMost = told.length >= MOST_RETRIES * this.#options.capacity[priority];
    this.#retriesAtMs[priority] = isMost ? told : [...told, nowMs + inMs];
    return inMs;
  }

  #refuse(reason: QueueRefusal, error: ModelError): ModelError {
    this.#options.onRefusal?.(reason);
    return error;
  }
}

/**
 * Individual retry times are given out for up to this multiple of the capacity; later callers get the last time, so that
 * a flood cannot push `Retry-After` up without limit.
 */
const MOST_RETRIES = 4;
const UNKNOWN: ExpectedTimes = { firstTokenMs: 0, totalMs: 0, longMs: 0 };

/** When the next sequence becomes free after each of the calls ahead has taken the first that did. */
function nextEndMs(ends: number[], ahead: readonly number[]): number {
  for (const totalMs of ahead) {
    const first = Math.min(...ends);
    ends[ends.indexOf(first)] = first + totalMs;
  }
  return Math.min(...ends);
}

function totalMsOf({ expected }: { readonly expected: ExpectedTimes }): number {
  return expected.totalMs;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
