import { type Circuit, type Lease, newCircuit } from './circuit.ts';
import type { Force, LeaseProbe, Reduced, Refusal, Settle, Trip } from './command.ts';
import { type CircuitRules, maxAttempt, openTimeMs } from './rules.ts';
import { waitMsOf } from './wait.ts';

/**
 * What a circuit becomes by a command, and what the sender is told. Pure; the clock is an argument. Each replica runs
 * its own circuit by it; for the circuits in Redis, the scripts take the same steps.
 */
export const step = (
  circuit: Circuit,
  command: Trip | LeaseProbe | Settle | Force,
  rules: CircuitRules,
  nowMs: number,
): Reduced => {
  switch (command.kind) {
    case 'trip':
      return accept(open(circuit, rules, nowMs, command.cause, command.replica));
    case 'lease':
      return lease(circuit, command, rules, nowMs);
    case 'settle':
      return settle(circuit, command, rules, nowMs);
    case 'force':
      return force(circuit, command, nowMs);
  }
};

const lease = (circuit: Circuit, command: LeaseProbe, rules: CircuitRules, nowMs: number): Reduced => {
  const isHeld = circuit.forced !== undefined || (circuit.state === 'open' && nowMs < circuit.untilMs);
  if (isHeld) return wait(circuit, rules, nowMs);
  if (circuit.state === 'closed') return refuse(circuit, 'stale');
  const half = circuit.state === 'open' ? halfOpen(circuit, command.replica, nowMs) : circuit;
  if (half.leases.some((held) => held.token === command.token)) return accept(half);
  if (half.leases.length + half.succeeded + half.failed >= rules.probes) return wait(half, rules, nowMs);
  const granted: Lease = { token: command.token, deadlineAtMs: nowMs + rules.leaseMs };
  return accept({ ...half, leases: [...half.leases, granted] });
};

const settle = (circuit: Circuit, command: Settle, rules: CircuitRules, nowMs: number): Reduced => {
  if (!circuit.leases.some((held) => held.token === command.token)) return refuse(circuit, 'stale');
  const left: Circuit = { ...circuit, leases: circuit.leases.filter((held) => held.token !== command.token) };
  if (command.outcome === 'ignored') return accept(left);
  if (command.outcome === 'success') {
    const succeeded = left.succeeded + 1;
    return accept(
      succeeded >= rules.probes - rules.probeFailuresAllowed
        ? close(left, command.replica, nowMs)
        : { ...left, succeeded },
    );
  }
  const failed = left.failed + 1;
  return accept(
    failed > rules.probeFailuresAllowed
      ? open(left, rules, nowMs, command.cause ?? 'probe-failed', command.replica)
      : { ...left, failed },
  );
};

const force = (circuit: Circuit, command: Force, nowMs: number): Reduced => {
  if (command.ifGeneration !== undefined && command.ifGeneration !== circuit.generation) {
    return refuse(circuit, 'moved');
  }
  const marked = { generation: circuit.generation + 1, changedBy: command.by, changedAtMs: nowMs };
  if (command.action === 'reset') return accept({ ...newCircuit, ...marked, cause: command.reason });
  const { by, reason, ttlMs } = command;
  const untilMs = ttlMs === undefined ? undefined : nowMs + ttlMs;
  return accept({ ...circuit, ...marked, forced: { by, reason, untilMs }, leases: [] });
};

const open = (circuit: Circuit, rules: CircuitRules, nowMs: number, cause: string, by: string): Circuit => {
  const attempt = Math.min(maxAttempt, circuit.attempt + 1);
  const untilMs = nowMs + openTimeMs(rules, attempt);
  return { ...next(circuit, by, nowMs), state: 'open', attempt, untilMs, cause };
};

const halfOpen = (circuit: Circuit, by: string, nowMs: number): Circuit => {
  const { attempt, cause } = circuit;
  return { ...next(circuit, by, nowMs), state: 'half-open', attempt, cause };
};

const close = next;

/** The next generation: a closed circuit with nothing counted, though an order stays. */
function next({ generation, forced }: Circuit, changedBy: string, changedAtMs: number): Circuit {
  return { ...newCircuit, generation: generation + 1, forced, changedBy, changedAtMs };
}

const accept = (circuit: Circuit): Reduced => ({ circuit, reply: { accepted: true } });

const refuse = (circuit: Circuit, refusal: Refusal): Reduced => ({
  circuit,
  reply: { accepted: false, refusal },
});

const wait = (circuit: Circuit, rules: CircuitRules, nowMs: number): Reduced => ({
  circuit,
  reply: { accepted: false, refusal: 'wait', retryAfterMs: waitMsOf(circuit, rules, nowMs) },
});
