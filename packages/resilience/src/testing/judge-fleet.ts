import type { Counts } from '../circuit/circuit.ts';
import { type Cause, judgeCounts } from '../circuit/judge.ts';
import type { CircuitRules } from '../circuit/rules.ts';
import type { Tally } from './slots.ts';

/**
 * Whether the fleet's window opens the shared circuit. The sum must be over a threshold, and still be over its
 * rate without the worst replicas that the quorum may not rest on: one bad node beside healthy ones, even with
 * a stray failure among theirs, opens only itself.
 */
export const judgeFleet = (
  tallies: Readonly<Record<string, Tally>>,
  rules: CircuitRules,
  live: number,
): Cause | undefined => {
  if (rules.window.kind !== 'sampling') return undefined;
  const replicas = Object.values(tallies).map((tally) => sum(tally.slots));
  const cause = judgeCounts(sum(replicas), rules.window);
  if (cause === undefined) return undefined;
  const field = cause === 'failure-rate' ? 'failures' : 'slow';
  const bad = replicas.map((counts) => counts[field]);
  if (bad.reduce((total, n) => total + n, 0) >= rules.quorumFailures) return cause;
  const need = quorumOf(rules, live);
  if (bad.filter((n) => n > 0).length < need) return undefined;
  const rest = sum(replicas.toSorted((a, b) => b[field] - a[field] || b.calls - a.calls).slice(need - 1));
  const rate = cause === 'failure-rate' ? rules.window.failureRate : (rules.window.slowRate ?? 1);
  return rest[field] >= rate * rest.calls ? cause : undefined;
};

export const quorumOf = (rules: CircuitRules, live: number): number =>
  Math.min(rules.quorumReplicas, Math.max(1, live));

const sum = (all: readonly Counts[]): Counts =>
  all.reduce(
    (total, one) => ({
      calls: total.calls + one.calls,
      failures: total.failures + one.failures,
      slow: total.slow + one.slow,
    }),
    { calls: 0, failures: 0, slow: 0 },
  );
