import type { Circuit } from './circuit.ts';
import type { CircuitRules } from './rules.ts';

/** How long a caller who is not let in should wait; zero when a probe could be had now, or the circuit is closed. */
export const waitMsOf = (circuit: Circuit, rules: CircuitRules, nowMs: number): number => {
  const { forced, state, untilMs, leases, succeeded, failed } = circuit;
  if (forced !== undefined) return Math.max(0, (forced.untilMs ?? nowMs + rules.maxOpenMs) - nowMs);
  if (state === 'open') return Math.max(0, untilMs - nowMs);
  if (leases.length === 0 || leases.length + succeeded + failed < rules.probes) return 0;
  return Math.max(0, Math.min(...leases.map((held) => held.deadlineAtMs)) - nowMs);
};
