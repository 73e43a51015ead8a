import {
  type Event,
  EventEmitter,
  type IDefaultPolicyContext,
  type IFailureEvent,
  type IPolicy,
  type ISuccessEvent,
} from 'cockatiel';
import { z } from 'zod';
import type { Counts } from '../circuit/circuit.ts';
import { BreakerOpenError } from '../errors.ts';
import type { BreakerScope, BreakerState } from '../gate/change.ts';
import type { Entry, Gate } from '../gate/gate.ts';
import type { Probe } from '../gate/link.ts';
import type { Action, GivenOrder, GiveOrder, Order, OrderResult } from '../gate/order.ts';
import { type BreakerSnapshot, snapshotOf } from '../gate/snapshot.ts';
import { type CallTally, countDuration } from '../gate/tally.ts';
import type { Classify, Outcome, Verdict } from '../options/breaker-options.ts';
import { parseOptions } from '../options/parse.ts';
import type { Clock } from '../time/clock.ts';
import { neverAborted, withTimeLimit } from '../time/time-limit.ts';
import { type Call, callWithin, type ExecuteOptions } from './call.ts';
import { verdictOf } from './classify.ts';
import { createPermit, type Permit } from './permit.ts';

export interface BreakerDeps {
  readonly name: string;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly tally: CallTally;
  /** Told of a `classify` or a listener that throws, neither of which concerns the caller. */
  readonly onListenerError: (error: unknown) => void;
  /** Gives orders to a breaker that its gate has no link for, because it joins the fleet only while it is open. */
  readonly order?: GiveOrder | undefined;
  readonly timeoutMs?: number | undefined;
  readonly classify?: Classify | undefined;
}

/**
 * Keeps calls from a dependency that fails. Composes in cockatiel's `wrap` like any of its policies.
 *
 *     const answer = await breaker.execute(({ signal }) => fetch(url, { signal }), { fallback: () => cached });
 */
export class Breaker implements IPolicy<IDefaultPolicyContext> {
  readonly name: string;
  declare readonly _altReturn: never;
  readonly #gate: Gate;
  readonly #clock: Clock;
  readonly #tally: CallTally;
  readonly #deps: BreakerDeps;
  readonly #slowAfterMs: number;
  readonly #timeoutMs: number | undefined;
  readonly #classify: Classify | undefined;
  readonly #succeeded = new EventEmitter<ISuccessEvent>();
  readonly #failed = new EventEmitter<IFailureEvent>();
  #listened = false;

  constructor(deps: BreakerDeps) {
    const { window } = deps.gate.rules;
    this.name = deps.name;
    this.#deps = deps;
    this.#gate = deps.gate;
    this.#clock = deps.clock;
    this.#tally = deps.tally;
    this.#slowAfterMs = window.kind === 'consecutive' ? Infinity : (window.slowAfterMs ?? Infinity);
    this.#timeoutMs = deps.timeoutMs;
    this.#classify = deps.classify;
  }

  readonly onSuccess: Event<ISuccessEvent> = (listener) => {
    this.#listened = true;
    return this.#succeeded.addListener(listener);
  };

  readonly onFailure: Event<IFailureEvent> = (listener) => {
    this.#listened = true;
    return this.#failed.addListener(listener);
  };

  get state(): BreakerState {
    return this.#gate.state;
  }

  get scope(): BreakerScope {
    return this.#gate.scope;
  }

  get generation(): number {
    return this.#gate.generation;
  }

  /** Zero when a call would be let in. */
  get retryAfterMs(): number {
    return this.#gate.retryAfterMs;
  }

  /** All of it, as an operator sees it. */
  snapshot(): BreakerSnapshot {
    return snapshotOf(this.name, this.#gate, this.#clock);
  }

  /** What this replica's window holds now. */
  get counts(): Counts {
    return this.#gate.counts();
  }

  /**
   * Calls `fn`, if the circuit lets it.
   * @throws {BreakerOpenError} BREAKER_OPEN or BREAKER_ISOLATED when the circuit does not let it; `fn` is not called
   * @throws {DeadlineError} ATTEMPT_TIMEOUT or DEADLINE_EXCEEDED when a limit is over; else the error of `fn`
   */
  execute<T, F = never>(fn: Call<T>, options?: AbortSignal | ExecuteOptions<F>): Promise<T | F> {
    // The path of most calls: nothing but the circuit.
    if (options === undefined && this.#timeoutMs === undefined) return this.#run(fn, neverAborted, undefined);
    const given = options instanceof AbortSignal ? { signal: options } : (options ?? {});
    const { timeoutMs = this.#timeoutMs, classify } = given;
    const clock = this.#clock;
    const attempt: Call<T> =
      timeoutMs === undefined ? fn : ({ signal }) => withTimeLimit(fn, { timeoutMs, clock, signal });
    return callWithin(({ signal }) => this.#run(attempt, signal, classify), given, clock);
  }

  /** @throws {BreakerOpenError} BREAKER_OPEN or BREAKER_ISOLATED when the circuit does not let the call in */
  async acquire({ signal = neverAborted }: { readonly signal?: AbortSignal } = {}): Promise<Permit> {
    signal.throwIfAborted();
    const entry = this.#gate.passing ? undefined : await this.#gate.enter();
    if (entry instanceof BreakerOpenError) {
      this.#tally.rejected++;
      throw entry;
    }
    const epoch = this.#gate.epoch;
    const startMs = this.#clock.nowMs();
    return createPermit((verdict, error) => this.#ended(verdict, startMs, epoch, entry, error));
  }

  /**
   * Holds the circuit open, for the whole fleet where it is shared, until it is reset or `ttlMs` has passed.
   * @throws {ResilienceError} BAD_OPTIONS when `ttlMs` is no time, GENERATION_MOVED when the breaker has changed since
   */
  async isolate(order: GivenOrder): Promise<OrderResult> {
    parseOptions(isolation, `isolation of '${this.name}'`, order);
    return this.#order('isolate', order);
  }

  /** Closes the circuit and forgets what was counted. */
  reset(order: Order): Promise<OrderResult> {
    return this.#order('reset', order);
  }

  #order(action: Action, order: GivenOrder): Promise<OrderResult> {
    const give = this.#deps.order ?? this.#gate.link?.order ?? this.#gate.orderHere;
    return give(action, order);
  }

  #run<T>(fn: Call<T>, signal: AbortSignal, classify: Classify | undefined): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#gate.passing) return this.#attempt(fn, signal, classify, undefined);
    const entered = this.#gate.enter();
    if (entered instanceof Promise)
      return entered.then((entry) => this.#entered(fn, signal, classify, entry));
    return this.#entered(fn, signal, classify, entered);
  }

  #entered<T>(fn: Call<T>, signal: AbortSignal, classify: Classify | undefined, entry: Entry): Promise<T> {
    if (!(entry instanceof BreakerOpenError)) return this.#attempt(fn, signal, classify, entry);
    this.#tally.rejected++;
    return Promise.reject(entry);
  }

  async #attempt<T>(
    fn: Call<T>,
    signal: AbortSignal,
    classify: Classify | undefined,
    probe: Probe | undefined,
  ): Promise<T> {
    const epoch = this.#gate.epoch;
    const startMs = this.#clock.nowMs();
    const rule = classify ?? this.#classify;
    let value: T;
    try {
      value = await fn({ signal });
    } catch (error) {
      const verdict = rule && this.#judged(rule, { error });
      this.#ended(verdict ?? verdictOf(error, signal.aborted), startMs, epoch, probe, error);
      throw error;
    }
    this.#ended((rule && this.#judged(rule, { value })) ?? 'success', startMs, epoch, probe, undefined);
    return value;
  }

  #judged(rule: Classify, outcome: Outcome): Verdict | undefined {
    try {
      return rule(outcome);
    } catch (error) {
      this.#deps.onListenerError(error);
      return undefined;
    }
  }

  #ended(verdict: Verdict, startMs: number, epoch: number, probe: Probe | undefined, error: unknown): void {
    const nowMs = this.#clock.nowMs();
    const ms = nowMs - startMs;
    const slow = ms >= this.#slowAfterMs && verdict !== 'ignored';
    this.#tally[verdict]++;
    countDuration(this.#tally, ms);
    if (slow) this.#tally.slow++;
    if (this.#listened) this.#tell(verdict, ms, error);
    if (probe !== undefined) {
      const outcome = slow ? 'failure' : verdict;
      this.#tally.probes[outcome]++;
      this.#gate.settle(probe, outcome, error);
    } else if (epoch !== this.#gate.epoch) this.#tally.stale++;
    else if (verdict !== 'ignored') this.#gate.record(verdict === 'failure', slow, nowMs, error);
  }

  /** A listener that throws is no business of the caller. */
  #tell(verdict: Verdict, duration: number, error: unknown): void {
    try {
      if (verdict === 'success') this.#succeeded.emit({ duration });
      else this.#failed.emit({ duration, handled: verdict === 'failure', reason: { error } });
    } catch (thrown) {
      this.#deps.onListenerError(thrown);
    }
  }
}

const yearMs = 366 * 86_400_000;
const isolation = z.object({ ttlMs: z.number().gt(0).max(yearMs).optional() });
