import { type Circuit, type Counts, newCircuit } from '../circuit/circuit.ts';
import { clamp } from '../circuit/clamp.ts';
import type { Reply } from '../circuit/command.ts';
import type { CircuitRules } from '../circuit/rules.ts';
import { step } from '../circuit/step.ts';
import { waitMsOf } from '../circuit/wait.ts';
import { BreakerOpenError, ResilienceError, rejection } from '../errors.ts';
import { circuitOfView, type View } from '../store/view.ts';
import type { Clock } from '../time/clock.ts';
import type { BreakerScope, BreakerState, Change } from './change.ts';
import { FleetView, type HeldView } from './fleet-view.ts';
import type { Link, Probe, ProbeOutcome } from './link.ts';
import type { GiveOrder } from './order.ts';
import { createWindow, type OutcomeWindow } from './window.ts';

export interface GateDeps {
  readonly name: string;
  readonly rules: CircuitRules;
  readonly clock: Clock;
  readonly replica: string;
  readonly onChange: (change: Change) => void;
}

/** A probe; undefined where no probe is needed; or the call is not let in. */
export type Entry = Probe | undefined | BreakerOpenError;

/**
 * This replica's circuit: decides whether a call may go, from memory alone. It opens by itself, follows what the
 * fleet decides, and goes by its own judgement whenever the store cannot be asked.
 */
export class Gate {
  /** True while calls go straight through: all that the path of a healthy call looks at. */
  passing = true;
  /** Grows with every change; an outcome of an older epoch has no effect. */
  epoch = 0;
  link: Link | undefined;
  readonly rules: CircuitRules;
  #circuit: Circuit = newCircuit;
  #scope: 'local' | 'shared' = 'local';
  /** Set when a circuit of the fleet was moved by local judgement, the store being away. */
  #diverged = false;
  #tokens = 0;
  /** Of the call that failed last. */
  #lastError: unknown;
  /** Made once per opening; each rejected call gets an error derived from it. */
  #rejection: BreakerOpenError | undefined;
  /** Requests for probes that the fleet has not answered. */
  #asking = 0;
  /** Before this time the fleet has no probe to give, as far as this replica knows. */
  #askAgainAtMs = 0;
  readonly #window: OutcomeWindow;
  readonly #fleetView: FleetView;
  readonly #deps: GateDeps;

  constructor(deps: GateDeps) {
    this.#deps = deps;
    this.rules = deps.rules;
    this.#window = createWindow(deps.rules.window);
    this.#fleetView = new FleetView(deps.rules, deps.clock);
  }

  get state(): BreakerState {
    this.#refresh();
    return this.#circuit.forced ? 'isolated' : this.#circuit.state;
  }

  get scope(): BreakerScope {
    return this.#circuit.forced ? 'forced' : this.#scope;
  }

  /** The circuit as of now, on this replica's clock. */
  get circuit(): Circuit {
    this.#refresh();
    return this.#circuit;
  }

  /** What the fleet last said, as it was received. */
  get shared(): HeldView | undefined {
    return this.#fleetView.held;
  }

  /** Of the fleet where there is one, and zero until it is heard of: what this replica counts alone is no part of it. */
  get generation(): number {
    return this.shared?.generation ?? (this.link === undefined ? this.#circuit.generation : 0);
  }

  get retryAfterMs(): number {
    this.#refresh();
    return this.passing ? 0 : this.#waitMs(this.#deps.clock.nowMs());
  }

  /** Nothing holds the circuit open any more: its next call is let in, as a probe at least. */
  get isOver(): boolean {
    const { forced, untilMs } = this.circuit;
    return forced === undefined && untilMs <= this.#deps.clock.nowMs();
  }

  counts(): Counts {
    return this.#window.counts(this.#deps.clock.nowMs());
  }

  /** Counts the end of a call that went straight through, in this epoch. */
  record(failed: boolean, slow: boolean, nowMs: number, error: unknown): void {
    if (failed) this.#lastError = error;
    const cause = this.#window.record(failed, slow, nowMs);
    this.link?.count(failed, slow);
    if (cause === undefined) return;
    this.#apply({ kind: 'trip', ...this.#sent, generation: this.#circuit.generation, cause, live: 1 });
    this.link?.trip(cause);
  }

  /**
   * Lets a call in while the circuit is not plainly closed.
   * @returns a probe, undefined when the circuit has closed meanwhile, or the rejection, at once for every caller beyond
   * the probes. Returned, not thrown: a throw costs more than all the rest of a rejection.
   */
  enter(): Entry | Promise<Entry> {
    this.#refresh();
    if (this.passing) return undefined;
    const nowMs = this.#deps.clock.nowMs();
    const { forced, state, untilMs } = this.#circuit;
    if (forced !== undefined || (state === 'open' && nowMs < untilMs))
      return this.#rejected(this.#waitMs(nowMs));
    if (this.#scope === 'shared' && this.link?.up) return this.#probeByFleet(this.link, nowMs);
    return this.#probeLocally();
  }

  settle(probe: Probe, outcome: ProbeOutcome, error: unknown): void {
    if (outcome === 'failure') this.#lastError = error;
    const cause = outcome === 'failure' ? 'probe-failed' : undefined;
    if (!probe.shared) this.#settleHere(probe.token, outcome, cause);
    else if (this.link !== undefined) void this.#settleThere(this.link, probe.token, outcome, cause);
  }

  /** Follows the fleet. Older views are not followed: a store that says less than was known has lost its memory. */
  adopt(view: View): 'followed' | 'known' | 'lost' {
    if (this.#fleetView.knowsMoreThan(view)) return 'lost';
    const before = this.shared;
    const untilMs = this.#fleetView.take(view);
    const apart = this.#diverged || view.state !== before?.state;
    if (view.generation === before?.generation && !(apart && view.state !== 'closed')) return 'known';
    const first = before === undefined && view.state === 'closed' && view.forced === undefined;
    if (!first) this.#follow(view, untilMs);
    return 'followed';
  }

  /** What the fleet last said, as of now. */
  sharedView(): View | undefined {
    return this.#fleetView.now();
  }

  /** Isolates or resets this replica alone. @throws {ResilienceError} GENERATION_MOVED when the breaker has changed since */
  readonly orderHere: GiveOrder = async (action, { ifGeneration, reason, by = 'process', ttlMs }) => {
    const isMeant = ifGeneration === undefined || ifGeneration === this.generation;
    if (!isMeant) throw new ResilienceError('GENERATION_MOVED');
    this.#apply({ kind: 'force', ...this.#sent, action, by, reason, ttlMs });
    return { reached: 'replica', generation: this.generation };
  };

  /** Asks only while a probe may be available, and for as many at a time; others are answered from memory. */
  #probeByFleet(link: Link, nowMs: number): Entry | Promise<Entry> {
    return this.#asking < this.rules.probes && nowMs >= this.#askAgainAtMs
      ? this.#askFleet(link, this.#token())
      : this.#rejected(Math.max(1, this.#askAgainAtMs - nowMs));
  }

  async #askFleet(link: Link, token: string): Promise<Entry> {
    this.#asking++;
    const answer = await link.lease(token).finally(() => {
      this.#asking--;
    });
    if (answer?.accepted) return { token, shared: true };
    if (this.passing) return undefined;
    if (answer === undefined) return this.#probeLocally();
    const waitMs = answer.retryAfterMs ?? 1;
    this.#askAgainAtMs = this.#deps.clock.nowMs() + Math.min(waitMs, longestSilenceMs);
    return this.#rejected(waitMs);
  }

  async #settleThere(
    link: Link,
    token: string,
    outcome: ProbeOutcome,
    cause: string | undefined,
  ): Promise<void> {
    if (await link.settle(token, outcome, cause)) return;
    // The store never heard of it; this replica still knows what it saw.
    if (this.passing || this.#circuit.forced !== undefined) return;
    this.#apply({ kind: 'lease', ...this.#sent, token });
    this.#settleHere(token, outcome, cause);
  }

  #settleHere(token: string, outcome: ProbeOutcome, cause: string | undefined): void {
    this.#apply({ kind: 'settle', ...this.#sent, token, outcome, cause });
  }

  #probeLocally(): Entry {
    const token = this.#token();
    const reply = this.#apply({ kind: 'lease', ...this.#sent, token });
    if (reply.accepted) return { token, shared: false };
    return this.#rejected(reply.retryAfterMs ?? 0);
  }

  #apply(command: Parameters<typeof step>[1]): Reply {
    const before = this.state;
    const nowMs = this.#deps.clock.nowMs();
    const { circuit, reply } = step(clamp(this.#circuit, this.rules, nowMs), command, this.rules, nowMs);
    if (circuit.generation === this.#circuit.generation) {
      this.#circuit = circuit;
      return reply;
    }
    if (this.#scope === 'shared') this.#diverged = true;
    if (circuit.state === 'closed' || before === 'closed') this.#scope = 'local';
    this.#become(circuit, before, circuit.forced ? 'forced' : this.#scope);
    return reply;
  }

  #follow(view: View, untilMs: number): void {
    const before = this.state;
    const nowMs = this.#deps.clock.nowMs();
    this.#diverged = false;
    this.#scope = view.state === 'closed' ? 'local' : 'shared';
    this.#askAgainAtMs = 0;
    const circuit = circuitOfView(view, { untilMs, nowMs, generation: this.#circuit.generation + 1 });
    this.#become(circuit, before, view.forced ? 'forced' : 'shared');
  }

  #become(circuit: Circuit, from: BreakerState, scope: BreakerScope): void {
    this.#circuit = circuit;
    this.epoch++;
    this.passing = circuit.state === 'closed' && circuit.forced === undefined;
    this.#rejection = undefined;
    this.#window.clear();
    const to = circuit.forced ? 'isolated' : circuit.state;
    if (from === to) return;
    const { cause, changedBy: by } = circuit;
    this.#deps.onChange({
      from,
      to,
      cause: circuit.forced?.reason ?? cause,
      by,
      scope,
      generation: this.generation,
    });
  }

  /** Lets an isolation end when its time is over. */
  #refresh(): void {
    const { forced } = this.#circuit;
    if (forced?.untilMs === undefined) return;
    const nowMs = this.#deps.clock.nowMs();
    if (nowMs < forced.untilMs) return;
    this.#become(
      { ...clamp(this.#circuit, this.rules, nowMs), cause: 'isolation-ended' },
      'isolated',
      'forced',
    );
  }

  #waitMs(nowMs: number): number {
    const { forced, state } = this.#circuit;
    if (forced === undefined && state === 'half-open' && this.#scope === 'shared') {
      return Math.max(0, this.#askAgainAtMs - nowMs);
    }
    return waitMsOf(this.#circuit, this.rules, nowMs);
  }

  #rejected(retryAfterMs: number): BreakerOpenError {
    this.#rejection ??= new BreakerOpenError(
      this.#deps.name,
      this.scope,
      this.#lastError ?? this.#circuit.cause,
    );
    return rejection(this.#rejection, retryAfterMs);
  }

  /** How commands of this replica to its own circuit begin. */
  get #sent() {
    return { replica: this.#deps.replica, floor: 0 } as const;
  }

  #token(): string {
    return `${this.#deps.replica}.${++this.#tokens}`;
  }
}

/** The fleet is asked again after this time, even if it told a longer wait, because messages can be lost. */
const longestSilenceMs = 1_000;
