import type { Change } from './change.ts';

/** What has been counted since the process started: the source of the metrics. A family's breakers share one. */
export interface CallTally {
  success: number;
  failure: number;
  ignored: number;
  rejected: number;
  slow: number;
  /** Outcomes that came after the circuit had changed, and so had no effect. */
  stale: number;
  durationSumMs: number;
  readonly durations: Float64Array;
  readonly probes: { success: number; failure: number; ignored: number };
  /** By `from to cause`. */
  readonly transitions: Map<string, number>;
}

/** Upper bounds in milliseconds; a last bucket takes the rest. */
export const durationBucketsMs: readonly number[] = [
  1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
];

export const createTally = (): CallTally => ({
  success: 0,
  failure: 0,
  ignored: 0,
  rejected: 0,
  slow: 0,
  stale: 0,
  durationSumMs: 0,
  durations: new Float64Array(durationBucketsMs.length + 1),
  probes: { success: 0, failure: 0, ignored: 0 },
  transitions: new Map(),
});

export const countDuration = (tally: CallTally, ms: number): void => {
  let bucket = 0;
  while (bucket < durationBucketsMs.length && ms > (durationBucketsMs[bucket] as number)) bucket++;
  tally.durations[bucket] = (tally.durations[bucket] as number) + 1;
  tally.durationSumMs += ms;
};

export const countTransition = (tally: CallTally, { from, to, cause, scope }: Change): void => {
  const key = `${from} ${to} ${scope === 'forced' ? 'forced' : known(cause)}`;
  tally.transitions.set(key, (tally.transitions.get(key) ?? 0) + 1);
};

/** Causes become metric labels: only ours, never a person's words. */
const known = (cause: string | undefined): string =>
  cause !== undefined && causes.has(cause) ? cause : 'other';

const causes = new Set([
  'failure-rate',
  'slow-rate',
  'consecutive-failures',
  'probe-failed',
  'isolation-ended',
]);
