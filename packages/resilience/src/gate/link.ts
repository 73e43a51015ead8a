import type { Reply } from '../circuit/command.ts';

/** What a gate asks of the fleet. Nothing here throws; an absent answer means that the store could not say. */
export interface Link {
  readonly up: boolean;
  count(failed: boolean, slow: boolean): void;
  trip(cause: string): void;
  lease(token: string): Promise<Reply | undefined>;
  /** False when the store has not heard of it. */
  settle(token: string, outcome: ProbeOutcome, cause: string | undefined): Promise<boolean>;
}

export type ProbeOutcome = 'success' | 'failure' | 'ignored';

/** The right to one call while the circuit is half-open. */
export interface Probe {
  readonly token: string;
  /** Given by the fleet, or by this replica alone. */
  readonly shared: boolean;
}
