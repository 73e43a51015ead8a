import type { Circuit, CircuitState } from './circuit.ts';
import type { Cause } from './judge.ts';

/**
 * Everything that can happen to a circuit. `floor` is the highest generation the sender has seen: a record below
 * it has lost its memory. Counts and votes catch a closed one up; else it takes nothing but a seed.
 */
export type Command = Trip | LeaseProbe | Settle | Flush | Force | Seed;

interface Sent {
  readonly replica: string;
  readonly floor: number;
}

/** A replica's own circuit opened. */
export interface Trip extends Sent {
  readonly kind: 'trip';
  readonly generation: number;
  readonly cause: Cause | string;
  /** Replicas alive now, as the sender knows. */
  readonly live: number;
}

/** Asks for the right to one probe. */
export interface LeaseProbe extends Sent {
  readonly kind: 'lease';
  readonly token: string;
}

/** How a probe ended. `ignored` gives the slot back without a word about the dependency. */
export interface Settle extends Sent {
  readonly kind: 'settle';
  readonly token: string;
  readonly outcome: 'success' | 'failure' | 'ignored';
  readonly cause?: string | undefined;
}

/** Outcomes counted since the last batch. The same batch number is taken once. */
export interface Flush extends Sent {
  readonly kind: 'flush';
  readonly generation: number;
  readonly batch: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly live: number;
}

export interface Force extends Sent {
  readonly kind: 'force';
  readonly action: 'isolate' | 'reset';
  readonly by: string;
  readonly reason: string;
  readonly ttlMs?: number | undefined;
  /** Refused when the circuit's generation is another. */
  readonly ifGeneration?: number | undefined;
}

/** What a replica remembers of a record that the store has lost. The more protective of the two wins. */
export interface Seed extends Sent {
  readonly kind: 'seed';
  readonly state: CircuitState;
  readonly remainingMs: number;
  readonly attempt: number;
  readonly cause?: string | undefined;
  readonly changedBy?: string | undefined;
  readonly forced?:
    | { readonly by: string; readonly reason: string; readonly remainingMs?: number | undefined }
    | undefined;
}

export type Refusal =
  | 'stale' // of another generation, or an outcome already counted
  | 'lost' // the record is younger than what the sender has seen: seed it first
  | 'wait' // no probe to be had before `retryAfterMs`
  | 'quorum' // noted, but one replica alone does not open the fleet
  | 'moved' // `ifGeneration` did not hold
  | 'full'; // the store holds as many open members of the family as it may

export interface Reply {
  readonly accepted: boolean;
  readonly refusal?: Refusal | undefined;
  readonly retryAfterMs?: number | undefined;
}

export interface Reduced {
  readonly circuit: Circuit;
  readonly reply: Reply;
}
