import { type CircuitRules, openTimeMs } from '../circuit/rules.ts';
import type { View } from '../store/view.ts';
import type { Clock } from '../time/clock.ts';

export type HeldView = View & { readonly receivedAtMs: number };

/**
 * What the fleet last said of a breaker, frozen while the store is away: what was said stays true until its time is
 * over, and is handed back to a store that has lost its memory.
 */
export class FleetView {
  /** As it was received. */
  held: HeldView | undefined;
  readonly #rules: CircuitRules;
  readonly #clock: Clock;

  constructor(rules: CircuitRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** The view as of now. */
  now(): View | undefined {
    if (this.held === undefined) return undefined;
    const passedMs = this.#clock.nowMs() - this.held.receivedAtMs;
    const { forced } = this.held;
    const leftMs = forced?.remainingMs === undefined ? undefined : forced.remainingMs - passedMs;
    return {
      ...this.held,
      remainingMs: Math.max(0, this.held.remainingMs - passedMs),
      forced: forced && (leftMs ?? 1) > 0 ? { ...forced, remainingMs: leftMs } : undefined,
    };
  }

  /** True when a store that says this has forgotten what is known here. */
  knowsMoreThan(view: View): boolean {
    return view.generation < (this.held?.generation ?? -1) || this.#isMoreProtectiveThan(view);
  }

  /**
   * Takes a view in. However the store's clock jumps, one generation never holds for longer than was first said, nor
   * any for longer than the rules say.
   * @returns until when an open circuit stays open, on this replica's clock.
   */
  take(view: View): number {
    const nowMs = this.#clock.nowMs();
    const heldUntilMs =
      this.held?.generation === view.generation
        ? this.held.receivedAtMs + this.held.remainingMs
        : Number.POSITIVE_INFINITY;
    const saidMs = Math.min(view.remainingMs, openTimeMs(this.#rules, view.attempt));
    const untilMs = Math.min(heldUntilMs, nowMs + saidMs);
    this.held = { ...view, remainingMs: Math.max(0, untilMs - nowMs), receivedAtMs: nowMs };
    return untilMs;
  }

  /** The same generation reached twice, after a loss: what is open or isolated here must not be closed by it. */
  #isMoreProtectiveThan(view: View): boolean {
    const known = this.now();
    if (known === undefined || known.generation !== view.generation) return false;
    if (known.state !== 'closed' && view.state === 'closed') return true;
    return (
      known.forced !== undefined &&
      view.forced === undefined &&
      (known.forced.remainingMs ?? Number.POSITIVE_INFINITY) > clockSlackMs
    );
  }
}

/** An isolation may end a little sooner on one clock than on the other. */
const clockSlackMs = 2_000;
