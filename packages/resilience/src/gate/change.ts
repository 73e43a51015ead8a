import type { CircuitState } from '../circuit/circuit.ts';

/** Who decided: this replica, the fleet, or an operator. */
export type BreakerScope = 'local' | 'shared' | 'forced';
export type BreakerState = CircuitState | 'isolated';

/** A breaker went from one state to another. */
export interface Change {
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly cause: string | undefined;
  readonly by: string | undefined;
  readonly scope: BreakerScope;
  readonly generation: number;
}

export interface Transition extends Change {
  readonly breaker: string;
}
