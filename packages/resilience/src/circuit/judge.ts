import type { Counts } from './circuit.ts';
import type { RateRules } from './rules.ts';

export type Cause = 'failure-rate' | 'slow-rate' | 'consecutive-failures';

/** Whether these counts are over a threshold, and which. */
export const judgeCounts = (counts: Counts, rules: RateRules): Cause | undefined => {
  if (counts.calls < rules.minimumCalls) return undefined;
  if (counts.failures >= rules.failureRate * counts.calls && counts.failures > 0) return 'failure-rate';
  if (rules.slowRate !== undefined && counts.slow >= rules.slowRate * counts.calls && counts.slow > 0)
    return 'slow-rate';
  return undefined;
};
