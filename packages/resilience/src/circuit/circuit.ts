/** What a breaker knows about its dependency. Plain data: it is stored in Redis and compared in tests. */
export interface Circuit {
  readonly state: CircuitState;
  /** Grows by one with every transition and every forced change; results of another generation have no effect. */
  readonly generation: number;
  /** When an open circuit lets its first probe through, on the clock that the reducer is given. */
  readonly untilMs: number;
  /** Openings since the circuit was last closed: the open time grows with it. */
  readonly attempt: number;
  readonly leases: readonly Lease[];
  /** Probes of this half-open window that ended well, and badly. */
  readonly succeeded: number;
  readonly failed: number;
  readonly forced?: Forced | undefined;
  readonly cause?: string | undefined;
  readonly changedBy?: string | undefined;
  readonly changedAtMs: number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/** The right to one probe. It ends by itself, so that a killed prober frees its slot. */
export interface Lease {
  readonly token: string;
  readonly deadlineAtMs: number;
}

/** An operator's order, which overrides the circuit. Without `untilMs` it holds until the breaker is reset. */
export interface Forced {
  readonly by: string;
  readonly reason: string;
  readonly untilMs?: number | undefined;
}

export interface Counts {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** A million changes a second would take eleven days to come here. */
export const largestGeneration = 1e12;

export const newCircuit: Circuit = {
  state: 'closed',
  generation: 0,
  untilMs: 0,
  attempt: 0,
  leases: [],
  succeeded: 0,
  failed: 0,
  changedAtMs: 0,
};
