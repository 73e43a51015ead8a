/** How a breaker behaves. Everything has a default; what makes no sense is refused with name and value. */
export interface BreakerOptions {
  /** `shared` (the default) where the registry has a store; the breaker that guards the store itself must be `local`. */
  readonly scope?: 'shared' | 'local';
  readonly window?: WindowOptions;
  /** Open time of the first opening; grows by `openFactor` with each opening in a row, up to `maxOpenMs`. */
  readonly openMs?: number;
  readonly maxOpenMs?: number;
  readonly openFactor?: number;
  readonly probes?: ProbeOptions;
  readonly quorum?: QuorumOptions;
  /** Each attempt is cut off after this, and counts as a failure. */
  readonly timeoutMs?: number;
  readonly classify?: Classify;
}

export type WindowOptions =
  | ({ readonly kind: 'sampling'; readonly windowMs?: number } & RateOptions)
  | { readonly kind: 'consecutive'; readonly failures?: number };

export interface RateOptions {
  /** Share of failures that opens, over 0 up to 1. */
  readonly failureRate?: number;
  readonly minimumCalls?: number;
  readonly slowAfterMs?: number;
  /** Share of slow calls that opens; needs `slowAfterMs`. */
  readonly slowRate?: number;
}

export interface ProbeOptions {
  /** Probes per half-open window. All others are rejected at once. */
  readonly calls?: number;
  readonly failuresAllowed?: number;
  /** A probe that has not ended by then is given up, a second later its slot is free. */
  readonly timeoutMs?: number;
}

export interface QuorumOptions {
  readonly replicas?: number;
  readonly failures?: number;
}

export type Outcome = { readonly error: unknown } | { readonly value: unknown };
export type Verdict = 'success' | 'failure' | 'ignored';
/** Says what a call's end means for the dependency. `undefined` leaves it to the default. */
export type Classify = (outcome: Outcome) => Verdict | undefined;
