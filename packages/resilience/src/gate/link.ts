import type { Reply } from '../circuit/command.ts';
import type { GiveOrder } from './order.ts';

/** The requests of a gate to the fleet. `undefined` means that the store did not answer; none of them throws, but `order`. */
export interface Link {
  readonly up: boolean;
  count(failed: boolean, slow: boolean): void;
  trip(cause: string): void;
  lease(token: string): Promise<Reply | undefined>;
  /** False when the store has not heard of it. */
  settle(token: string, outcome: ProbeOutcome, cause: string | undefined): Promise<boolean>;
  readonly order: GiveOrder;
}

export type ProbeOutcome = 'success' | 'failure' | 'ignored';

/** The right to one call while the circuit is half-open. */
export interface Probe {
  readonly token: string;
  /** Given by the fleet, or by this replica alone. */
  readonly shared: boolean;
}
