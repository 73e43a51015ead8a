export interface FleetTiming {
  readonly pollMs: number;
  /** Between attempts to reach a store that is away. */
  readonly pollDownMs: number;
  readonly flushMs: number;
  readonly startWaitMs: number;
  readonly closeWaitMs: number;
}

export const defaultTiming: FleetTiming = {
  pollMs: 1_000,
  pollDownMs: 400,
  flushMs: 50,
  startWaitMs: 250,
  closeWaitMs: 500,
};
