/** A breaker's options, checked and completed: the numbers that the reducer and the Lua scripts work with. */
export interface CircuitRules {
  readonly window: WindowRules;
  readonly openMs: number;
  readonly maxOpenMs: number;
  readonly openFactor: number;
  /** Probes per half-open window, over the whole fleet where the breaker is shared. */
  readonly probes: number;
  readonly probeFailuresAllowed: number;
  /** How long a probe may hold its lease before the slot is given to another. */
  readonly leaseMs: number;
  /** Distinct replicas that must see failures before all of them open. */
  readonly quorumReplicas: number;
  /** This number of failures opens the fleet even when fewer replicas saw them. */
  readonly quorumFailures: number;
}

export type WindowRules = SamplingRules | ConsecutiveRules;

/** A share of the calls of the last `windowMs`; ages when idle; the only kind that is summed over replicas. */
export interface SamplingRules extends RateRules {
  readonly kind: 'sampling';
  readonly windowMs: number;
  readonly slotMs: number;
}

/** Failures in a row on this replica. */
export interface ConsecutiveRules {
  readonly kind: 'consecutive';
  readonly failures: number;
}

export interface RateRules {
  readonly failureRate: number;
  readonly minimumCalls: number;
  /** A call that takes longer is slow, whatever its outcome. */
  readonly slowAfterMs?: number | undefined;
  readonly slowRate?: number | undefined;
}

/** The open time of the n-th opening in a row (n from 1). */
export const openTimeMs = (rules: CircuitRules, attempt: number): number =>
  Math.min(
    rules.maxOpenMs,
    Math.round(rules.openMs * rules.openFactor ** Math.min(maxAttempt, Math.max(0, attempt - 1))),
  );

/** Above this the open time no longer grows; it also bounds what a hand-written state can say. */
export const maxAttempt = 64;

/** A probe that is given up at its time limit still has this to say so, before its slot goes to another. */
export const leaseSlackMs = 1_000;

/** How long a vote or an idle record stays of interest. */
export const memoryMs = (rules: CircuitRules): number =>
  rules.window.kind === 'sampling' ? rules.window.windowMs : rules.openMs;
