import { type Circuit, type CircuitState, type Counts, newCircuit } from '../circuit/circuit.ts';
import type { Command, Force, Reply } from '../circuit/command.ts';
import { clamp, reduce } from '../circuit/reduce.ts';
import type { Rules } from '../circuit/rules.ts';
import { openTimeMs } from '../circuit/rules.ts';
import type { Clock } from '../clock.ts';
import { BreakerOpenError, rejection } from '../errors.ts';
import type { View } from '../store/view.ts';
import { createWindow, type OutcomeWindow } from './window.ts';

export type Scope = 'local' | 'shared' | 'forced';
export type BreakerState = CircuitState | 'isolated';

/** What a gate asks of the fleet. Nothing here throws; an absent answer means that the store could not say. */
export interface Link {
  readonly up: boolean;
  count(failed: boolean, slow: boolean): void;
  trip(cause: string): void;
  lease(token: string): Promise<Reply | undefined>;
  settle(token: string, outcome: ProbeOutcome, cause: string | undefined): Promise<boolean>;
}

export type ProbeOutcome = 'success' | 'failure' | 'ignored';

/** The right to one call while the circuit is half-open. */
export interface Probe {
  readonly token: string;
  readonly shared: boolean;
}

export interface Change {
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly cause: string | undefined;
  readonly by: string | undefined;
  readonly scope: Scope;
  readonly generation: number;
}

export interface GateDeps {
  readonly name: string;
  readonly rules: Rules;
  readonly clock: Clock;
  readonly replica: string;
  readonly link?: Link | undefined;
  readonly onChange: (change: Change) => void;
}

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
  /** The last shared view, frozen while the store is away: what is handed back to a store that lost its memory. */
  shared: (View & { readonly receivedAtMs: number }) | undefined;
  readonly rules: Rules;
  #circuit: Circuit = newCircuit;
  #scope: 'local' | 'shared' = 'local';
  /** Set when a circuit of the fleet was moved by local judgement, the store being away. */
  #diverged = false;
  #asking = 0;
  #askAgainAtMs = 0;
  #tokens = 0;
  #template: BreakerOpenError | undefined;
  #lastError: unknown;
  readonly #window: OutcomeWindow;
  readonly #deps: GateDeps;

  constructor(deps: GateDeps) {
    this.#deps = deps;
    this.rules = deps.rules;
    this.link = deps.link;
    this.#window = createWindow(deps.rules.window);
  }

  get state(): BreakerState {
    this.#refresh();
    return this.#circuit.forced ? 'isolated' : this.#circuit.state;
  }

  get scope(): Scope {
    return this.#circuit.forced ? 'forced' : this.#scope;
  }

  /** The circuit as of now, on this replica's clock. */
  get circuit(): Circuit {
    this.#refresh();
    return this.#circuit;
  }

  get generation(): number {
    return this.shared?.generation ?? this.#circuit.generation;
  }

  get retryAfterMs(): number {
    this.#refresh();
    return this.passing ? 0 : this.#waitMs(this.#deps.clock.nowMs());
  }

  counts(): Counts {
    return this.#window.counts(this.#deps.clock.nowMs());
  }

  /** Counts the end of a call that went straight through. */
  record(failed: boolean, slow: boolean, epoch: number, nowMs: number, error: unknown): void {
    if (epoch !== this.epoch) return;
    if (failed) this.#lastError = error;
    const cause = this.#window.record(failed, slow, nowMs);
    this.link?.count(failed, slow);
    if (cause === undefined) return;
    this.#apply({
      kind: 'trip',
      replica: this.#deps.replica,
      floor: 0,
      generation: this.#circuit.generation,
      cause,
      live: 1,
    });
    this.link?.trip(cause);
  }

  /**
   * Lets a call in while the circuit is not plainly closed.
   * @returns a probe, or undefined when the circuit has closed meanwhile.
   * An open circuit's rejection is returned; @throws BreakerOpenError at once for everyone beyond the probes.
   */
  enter(): Probe | undefined | BreakerOpenError | Promise<Probe | undefined> {
    this.#refresh();
    if (this.passing) return undefined;
    const nowMs = this.#deps.clock.nowMs();
    const { forced, state, untilMs } = this.#circuit;
    // Returned, not thrown: a throw costs more than all the rest of a rejection.
    if (forced !== undefined || (state === 'open' && nowMs < untilMs))
      return this.#rejected(this.#waitMs(nowMs));
    if (this.#scope === 'shared' && this.link?.up) return this.#askFleet(this.link, nowMs);
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
    const before = this.shared;
    const known = before?.generation ?? -1;
    if (view.generation < known || this.#knowsBetter(view)) return 'lost';
    const nowMs = this.#deps.clock.nowMs();
    const heldUntilMs = view.generation === known ? this.#sharedUntilMs() : Number.POSITIVE_INFINITY;
    const untilMs = Math.min(
      heldUntilMs,
      nowMs + Math.min(view.remainingMs, openTimeMs(this.rules, view.attempt)),
    );
    this.shared = { ...view, remainingMs: Math.max(0, untilMs - nowMs), receivedAtMs: nowMs };
    const apart = this.#diverged || view.state !== before?.state;
    if (view.generation === known && !(apart && view.state !== 'closed')) return 'known';
    const first = known === -1 && view.state === 'closed' && view.forced === undefined;
    if (!first) this.#follow(view, untilMs, nowMs);
    return 'followed';
  }

  /** The store may be away for long: what it said stays true until its time is over. */
  sharedView(): View | undefined {
    if (this.shared === undefined) return undefined;
    const passedMs = this.#deps.clock.nowMs() - this.shared.receivedAtMs;
    const { forced } = this.shared;
    const leftMs = forced?.remainingMs === undefined ? undefined : forced.remainingMs - passedMs;
    return {
      ...this.shared,
      remainingMs: Math.max(0, this.shared.remainingMs - passedMs),
      forced: forced && (leftMs ?? 1) > 0 ? { ...forced, remainingMs: leftMs } : undefined,
    };
  }

  /** Isolates, releases or resets this replica alone. */
  force(command: Omit<Force, 'kind' | 'replica' | 'floor'>): Reply {
    return this.#apply({ kind: 'force', replica: this.#deps.replica, floor: 0, ...command });
  }

  #askFleet(link: Link, nowMs: number): Promise<Probe | undefined> {
    // So many questions at once as there could be probes: everyone else is answered from here.
    if (this.#asking >= this.rules.probes || nowMs < this.#askAgainAtMs) {
      throw this.#rejected(Math.max(1, this.#askAgainAtMs - nowMs));
    }
    this.#asking++;
    return this.#askedFleet(link, this.#token());
  }

  async #askedFleet(link: Link, token: string): Promise<Probe | undefined> {
    const answer = await link.lease(token).finally(() => {
      this.#asking--;
    });
    if (answer === undefined) return this.passing ? undefined : this.#probeLocally();
    if (answer.accepted) return { token, shared: true };
    if (this.passing) return undefined;
    const waitMs = answer.retryAfterMs ?? 1;
    this.#askAgainAtMs = this.#deps.clock.nowMs() + Math.min(waitMs, longestSilenceMs);
    throw this.#rejected(waitMs);
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
    this.#apply({ kind: 'lease', replica: this.#deps.replica, floor: 0, token });
    this.#settleHere(token, outcome, cause);
  }

  #settleHere(token: string, outcome: ProbeOutcome, cause: string | undefined): void {
    this.#apply({ kind: 'settle', replica: this.#deps.replica, floor: 0, token, outcome, cause });
  }

  #probeLocally(): Probe {
    const token = this.#token();
    const reply = this.#apply({ kind: 'lease', replica: this.#deps.replica, floor: 0, token });
    if (reply.accepted) return { token, shared: false };
    throw this.#rejected(reply.retryAfterMs ?? 0);
  }

  #apply(command: Command): Reply {
    const before = this.state;
    const { circuit, reply } = reduce(
      this.#circuit,
      command,
      { ...this.rules, quorumReplicas: 1 },
      this.#deps.clock.nowMs(),
    );
    if (circuit.generation === this.#circuit.generation) {
      this.#circuit = circuit;
      return reply;
    }
    if (this.#scope === 'shared') this.#diverged = true;
    if (circuit.state === 'closed' || before === 'closed') this.#scope = 'local';
    this.#become(circuit, before, circuit.forced ? 'forced' : this.#scope);
    return reply;
  }

  #follow(view: View, untilMs: number, nowMs: number): void {
    const before = this.state;
    const { forced } = view;
    this.#diverged = false;
    this.#scope = view.state === 'closed' ? 'local' : 'shared';
    this.#askAgainAtMs = 0;
    this.#become(
      {
        ...newCircuit,
        state: view.state,
        generation: this.#circuit.generation + 1,
        untilMs: view.state === 'open' ? untilMs : 0,
        attempt: view.attempt,
        forced: forced && {
          by: forced.by,
          reason: forced.reason,
          untilMs: forced.remainingMs === undefined ? undefined : nowMs + forced.remainingMs,
        },
        cause: view.cause,
        changedBy: view.changedBy,
        changedAtMs: nowMs,
      },
      before,
      forced ? 'forced' : 'shared',
    );
  }

  #become(circuit: Circuit, from: BreakerState, scope: Scope): void {
    this.#circuit = circuit;
    this.epoch++;
    this.passing = circuit.state === 'closed' && circuit.forced === undefined;
    this.#template = undefined;
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

  /** The same generation reached twice, after a loss: what is open or isolated here must not be closed by it. */
  #knowsBetter(view: View): boolean {
    const held = this.sharedView();
    if (held === undefined || held.generation !== view.generation) return false;
    if (held.state !== 'closed' && view.state === 'closed') return true;
    return (
      held.forced !== undefined &&
      view.forced === undefined &&
      (held.forced.remainingMs ?? Infinity) > clockSlackMs
    );
  }

  #sharedUntilMs(): number {
    return this.shared === undefined ? 0 : this.shared.receivedAtMs + this.shared.remainingMs;
  }

  #waitMs(nowMs: number): number {
    const { forced, state, untilMs, leases } = this.#circuit;
    if (forced !== undefined) return Math.max(0, (forced.untilMs ?? nowMs + this.rules.maxOpenMs) - nowMs);
    if (state === 'open') return Math.max(0, untilMs - nowMs);
    if (this.#scope === 'shared') return Math.max(0, this.#askAgainAtMs - nowMs);
    return leases.length < this.rules.probes
      ? 0
      : Math.max(0, Math.min(...leases.map((held) => held.deadlineMs)) - nowMs);
  }

  #rejected(retryAfterMs: number): BreakerOpenError {
    this.#template ??= new BreakerOpenError(
      this.#deps.name,
      this.scope,
      this.#lastError ?? this.#circuit.cause,
    );
    return rejection(this.#template, retryAfterMs);
  }

  #token(): string {
    return `${this.#deps.replica}.${++this.#tokens}`;
  }
}

/** An isolation may end a little sooner on one clock than on the other. */
const clockSlackMs = 2_000;

/** However long a refused probe is told to wait, the fleet is asked again after this: messages can be lost. */
const longestSilenceMs = 1_000;
