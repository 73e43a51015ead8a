import type { Circuit, CircuitState } from './circuit/circuit.ts';

/** A circuit as one replica is told of it: times are what remains, so that no two clocks are compared. */
export interface View {
  readonly generation: number;
  readonly state: CircuitState;
  readonly remainingMs: number;
  readonly attempt: number;
  readonly forced?: ForcedView | undefined;
  readonly cause?: string | undefined;
  readonly changedBy?: string | undefined;
  /** By the store's clock, for people to read. */
  readonly changedAtMs: number;
  /** Fingerprint of the rules of whoever wrote last. */
  readonly rules?: string | undefined;
}

export interface ForcedView {
  readonly by: string;
  readonly reason: string;
  readonly remainingMs?: number | undefined;
}

export const viewOf = (circuit: Circuit, nowMs: number): View => ({
  generation: circuit.generation,
  state: circuit.state,
  remainingMs: circuit.state === 'open' ? Math.max(0, circuit.untilMs - nowMs) : 0,
  attempt: circuit.attempt,
  forced: circuit.forced && {
    by: circuit.forced.by,
    reason: circuit.forced.reason,
    remainingMs:
      circuit.forced.untilMs === undefined ? undefined : Math.max(0, circuit.forced.untilMs - nowMs),
  },
  cause: circuit.cause,
  changedBy: circuit.changedBy,
  changedAtMs: circuit.changedAtMs,
});
