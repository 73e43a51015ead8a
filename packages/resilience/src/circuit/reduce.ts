import { type Circuit, type Lease, newCircuit } from './circuit.ts';
import { clamp } from './clamp.ts';
import type {
  Command,
  Flush,
  Force,
  LeaseProbe,
  Reduced,
  Refusal,
  Reply,
  Seed,
  Settle,
  Trip,
} from './command.ts';
import { judgeFleet, quorumOf } from './judge.ts';
import type { Rules } from './rules.ts';
import { maxAttempt, memoryMs, openTimeMs } from './rules.ts';
import { added, aged } from './slots.ts';
import { waitMsOf } from './wait.ts';

/**
 * The specification of a circuit: what it becomes, and what the sender is told. Pure; the clock is an argument.
 * The Lua scripts are this function over a Redis hash, and are tested against it.
 */
export const reduce = (stored: Circuit, command: Command, rules: Rules, nowMs: number): Reduced => {
  const circuit = caughtUp(clamp(stored, rules, nowMs), command);
  if (command.kind === 'seed') return seed(circuit, command, rules, nowMs);
  if (circuit.generation < command.floor) return refuse(circuit, 'lost');
  switch (command.kind) {
    case 'force':
      return force(circuit, command, nowMs);
    case 'trip':
      return trip(circuit, command, rules, nowMs);
    case 'lease':
      return lease(circuit, command, rules, nowMs);
    case 'settle':
      return settle(circuit, command, rules, nowMs);
    case 'flush':
      return flush(circuit, command, rules, nowMs);
  }
};

/**
 * A closed record that has lost its memory continues from the generation of a replica that sends counts or a vote.
 * Other replicas that know this generation know it as closed too; one that knows a later generation will seed it.
 */
const caughtUp = (circuit: Circuit, command: Command): Circuit => {
  const counts = command.kind === 'trip' || command.kind === 'flush';
  if (!counts || command.generation <= circuit.generation || circuit.state !== 'closed') return circuit;
  return { ...circuit, generation: command.generation, votes: {}, tallies: {} };
};

const trip = (circuit: Circuit, command: Trip, rules: Rules, nowMs: number): Reduced => {
  if (command.generation !== circuit.generation || circuit.state !== 'closed')
    return refuse(circuit, 'stale');
  const horizon = nowMs - memoryMs(rules);
  const fresh = Object.entries(circuit.votes).filter(([, atMs]) => atMs > horizon && atMs <= nowMs);
  const votes = { ...Object.fromEntries(fresh), [command.replica]: nowMs };
  if (Object.keys(votes).length < quorumOf(rules, command.live))
    return refuse({ ...circuit, votes }, 'quorum');
  return accept(open(circuit, rules, nowMs, command.cause, command.replica));
};

const lease = (circuit: Circuit, command: LeaseProbe, rules: Rules, nowMs: number): Reduced => {
  if (circuit.forced !== undefined) return wait(circuit, waitMsOf(circuit, rules, nowMs));
  if (circuit.state === 'closed') return refuse(circuit, 'stale');
  if (circuit.state === 'open' && nowMs < circuit.untilMs)
    return wait(circuit, waitMsOf(circuit, rules, nowMs));
  const half = circuit.state === 'open' ? halfOpen(circuit, command.replica, nowMs) : circuit;
  if (half.leases.some((held) => held.token === command.token)) return accept(half);
  if (half.leases.length + half.succeeded + half.failed >= rules.probes)
    return wait(half, waitMsOf(half, rules, nowMs));
  const granted: Lease = { token: command.token, deadlineMs: nowMs + rules.leaseMs };
  return accept({ ...half, leases: [...half.leases, granted] });
};

const settle = (circuit: Circuit, command: Settle, rules: Rules, nowMs: number): Reduced => {
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

const flush = (circuit: Circuit, command: Flush, rules: Rules, nowMs: number): Reduced => {
  const before = circuit.tallies[command.replica];
  if (command.generation !== circuit.generation || circuit.state !== 'closed')
    return refuse(circuit, 'stale');
  if (before !== undefined && command.batch <= before.batch) return refuse(circuit, 'stale');
  if (rules.window.kind !== 'sampling') return refuse(circuit, 'stale');
  const { slotMs, windowMs } = rules.window;
  const slot = Math.floor(nowMs / slotMs);
  const oldest = slot - Math.ceil(windowMs / slotMs) + 1;
  const bad = command.failures + command.slow > 0;
  // Others' slots are looked at once per slot, and when it matters: most batches touch one tally.
  const turned = before?.slots.at(-1)?.slot !== slot;
  const others = bad || turned ? aged(circuit.tallies, oldest, slot) : circuit.tallies;
  const own = { batch: command.batch, slots: added(before?.slots ?? [], command, oldest, slot) };
  const tallies = { ...others, [command.replica]: own };
  const counted = { ...circuit, tallies };
  const cause = bad ? judgeFleet(tallies, rules, command.live) : undefined;
  return accept(cause === undefined ? counted : open(counted, rules, nowMs, cause, command.replica));
};

const force = (circuit: Circuit, command: Force, nowMs: number): Reduced => {
  if (command.ifGeneration !== undefined && command.ifGeneration !== circuit.generation) {
    return refuse(circuit, 'moved');
  }
  const marked = { generation: circuit.generation + 1, changedBy: command.by, changedAtMs: nowMs };
  if (command.action === 'reset') return accept({ ...newCircuit, ...marked, cause: command.reason });
  const { by, reason, ttlMs } = command;
  const untilMs = ttlMs === undefined ? undefined : nowMs + ttlMs;
  return accept({
    ...circuit,
    ...marked,
    forced: { by, reason, untilMs },
    leases: [],
    votes: {},
    tallies: {},
  });
};

const seed = (circuit: Circuit, command: Seed, rules: Rules, nowMs: number): Reduced => {
  if (!isNews(circuit, command)) return refuse(circuit, 'stale');
  const forced = circuit.forced ?? seededForce(command, nowMs);
  const marked = {
    generation: command.floor + 1,
    changedAtMs: nowMs,
    forced,
    leases: [],
    votes: {},
    tallies: {},
  };
  if (command.state === 'closed' || circuit.state !== 'closed') return accept({ ...circuit, ...marked });
  const attempt = Math.min(maxAttempt, Math.max(1, command.attempt));
  const remainingMs = Math.min(Math.max(0, command.remainingMs), openTimeMs(rules, attempt));
  return accept({
    ...newCircuit,
    ...marked,
    state: 'open',
    attempt,
    untilMs: nowMs + remainingMs,
    cause: command.cause,
    changedBy: command.changedBy,
  });
};

/** After a loss, two replicas may reach one generation by different ways: then too the more protective wins. */
const isNews = (circuit: Circuit, { floor, state, forced }: Seed): boolean => {
  if (circuit.generation !== floor) return circuit.generation < floor;
  const opens = state !== 'closed' && circuit.state === 'closed';
  return opens || (forced !== undefined && circuit.forced === undefined);
};

const seededForce = ({ forced }: Seed, nowMs: number) =>
  forced && {
    by: forced.by,
    reason: forced.reason,
    untilMs: forced.remainingMs === undefined ? undefined : nowMs + forced.remainingMs,
  };

const open = (circuit: Circuit, rules: Rules, nowMs: number, cause: string, by: string): Circuit => {
  const attempt = Math.min(maxAttempt, circuit.attempt + 1);
  return {
    ...newCircuit,
    state: 'open',
    generation: circuit.generation + 1,
    attempt,
    untilMs: nowMs + openTimeMs(rules, attempt),
    forced: circuit.forced,
    cause,
    changedBy: by,
    changedAtMs: nowMs,
  };
};

const halfOpen = (circuit: Circuit, by: string, nowMs: number): Circuit => ({
  ...newCircuit,
  state: 'half-open',
  generation: circuit.generation + 1,
  attempt: circuit.attempt,
  forced: circuit.forced,
  cause: circuit.cause,
  changedBy: by,
  changedAtMs: nowMs,
});

const close = (circuit: Circuit, by: string, nowMs: number): Circuit => ({
  ...newCircuit,
  generation: circuit.generation + 1,
  forced: circuit.forced,
  changedBy: by,
  changedAtMs: nowMs,
});

const accept = (circuit: Circuit): Reduced => ({ circuit, reply: accepted });
const refuse = (circuit: Circuit, refusal: Refusal): Reduced => ({
  circuit,
  reply: { accepted: false, refusal },
});
const wait = (circuit: Circuit, retryAfterMs: number): Reduced => ({
  circuit,
  reply: { accepted: false, refusal: 'wait', retryAfterMs },
});

const accepted: Reply = { accepted: true };
