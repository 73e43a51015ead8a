import type { Circuit, Forced, Lease } from './circuit.ts';
import { type CircuitRules, maxAttempt, openTimeMs } from './rules.ts';

/** Limits a stored record to what the rules allow, so that one written by hand cannot hold for longer. */
export const clamp = <C extends Circuit>(circuit: C, rules: CircuitRules, nowMs: number): C => {
  const attempt = circuit.state === 'closed' ? 0 : Math.min(maxAttempt, Math.max(1, circuit.attempt));
  const half = circuit.state === 'half-open';
  const probing = half && circuit.succeeded + circuit.failed < rules.probes;
  return {
    ...circuit,
    attempt,
    untilMs: circuit.state === 'open' ? Math.min(circuit.untilMs, nowMs + openTimeMs(rules, attempt)) : 0,
    leases: half ? running(circuit.leases, nowMs, nowMs + rules.leaseMs) : [],
    succeeded: probing ? circuit.succeeded : 0,
    failed: probing ? circuit.failed : 0,
    forced: isOver(circuit.forced, nowMs) ? undefined : circuit.forced,
  };
};

const running = (leases: readonly Lease[], nowMs: number, latestMs: number): Lease[] =>
  leases
    .filter((held) => held.deadlineAtMs > nowMs)
    .map((held) => (held.deadlineAtMs > latestMs ? { ...held, deadlineAtMs: latestMs } : held));

const isOver = (forced: Forced | undefined, nowMs: number): boolean =>
  forced?.untilMs !== undefined && forced.untilMs <= nowMs;
