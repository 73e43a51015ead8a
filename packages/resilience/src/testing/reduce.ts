import { type Circuit, newCircuit } from '../circuit/circuit.ts';
import { clamp } from '../circuit/clamp.ts';
import type { Command, Flush, Refusal, Reply, Seed, Trip } from '../circuit/command.ts';
import { type CircuitRules, maxAttempt, memoryMs, openTimeMs } from '../circuit/rules.ts';
import { step } from '../circuit/step.ts';
import { judgeFleet, quorumOf } from './judge-fleet.ts';
import { added, aged, type Tally } from './slots.ts';

/** A circuit as a store keeps it: with what its replicas have voted and counted. */
export interface StoredCircuit extends Circuit {
  /** Replicas whose own circuit opened, and when. */
  readonly votes: Readonly<Record<string, number>>;
  readonly tallies: Readonly<Record<string, Tally>>;
}

export const newStoredCircuit: StoredCircuit = { ...newCircuit, votes: {}, tallies: {} };

interface Stored {
  readonly circuit: StoredCircuit;
  readonly reply: Reply;
}

/**
 * The specification of a store: what a circuit becomes by a command, and what the sender is told. The Lua scripts are
 * this function over a Redis hash, and are tested against it.
 */
export const reduce = (
  stored: StoredCircuit,
  command: Command,
  rules: CircuitRules,
  nowMs: number,
): Stored => {
  const circuit = caughtUp(clamp(stored, rules, nowMs), command);
  if (command.kind === 'seed') return seed(circuit, command, rules, nowMs);
  if (circuit.generation < command.floor) return refuse(circuit, 'lost');
  switch (command.kind) {
    case 'trip':
      return trip(circuit, command, rules, nowMs);
    case 'flush':
      return flush(circuit, command, rules, nowMs);
    default:
      return stepStored(circuit, command, rules, nowMs);
  }
};

/** What was voted and counted belongs to one generation. */
const stepStored = (
  stored: StoredCircuit,
  command: Parameters<typeof step>[1],
  rules: CircuitRules,
  nowMs: number,
): Stored => {
  const { circuit, reply } = step(stored, command, rules, nowMs);
  const { votes, tallies } = circuit.generation === stored.generation ? stored : newStoredCircuit;
  return { circuit: { ...circuit, votes, tallies }, reply };
};

/**
 * A closed record that has lost its memory continues from the generation of a replica that sends counts or a vote.
 * Other replicas that know this generation know it as closed too; one that knows a later generation will seed it.
 */
const caughtUp = (circuit: StoredCircuit, command: Command): StoredCircuit => {
  const counts = command.kind === 'trip' || command.kind === 'flush';
  if (!counts || command.generation <= circuit.generation || circuit.state !== 'closed') return circuit;
  return { ...circuit, generation: command.generation, votes: {}, tallies: {} };
};

const trip = (circuit: StoredCircuit, command: Trip, rules: CircuitRules, nowMs: number): Stored => {
  if (command.generation !== circuit.generation || circuit.state !== 'closed')
    return refuse(circuit, 'stale');
  const horizon = nowMs - memoryMs(rules);
  const fresh = Object.entries(circuit.votes).filter(([, atMs]) => atMs > horizon && atMs <= nowMs);
  const votes = { ...Object.fromEntries(fresh), [command.replica]: nowMs };
  if (Object.keys(votes).length < quorumOf(rules, command.live))
    return refuse({ ...circuit, votes }, 'quorum');
  return stepStored(circuit, command, rules, nowMs);
};

const flush = (circuit: StoredCircuit, command: Flush, rules: CircuitRules, nowMs: number): Stored => {
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
  const cause = bad ? judgeFleet(tallies, rules, command.live) : undefined;
  if (cause === undefined) return accept({ ...circuit, tallies });
  return stepStored(circuit, { ...command, kind: 'trip', cause }, rules, nowMs);
};

const seed = (circuit: StoredCircuit, command: Seed, rules: CircuitRules, nowMs: number): Stored => {
  if (!isNews(circuit, command)) return refuse(circuit, 'stale');
  const forced = circuit.forced ?? seededForce(command, nowMs);
  const marked = { generation: command.floor + 1, changedAtMs: nowMs, forced, leases: [] };
  if (command.state === 'closed' || circuit.state !== 'closed')
    return accept({ ...circuit, ...marked, votes: {}, tallies: {} });
  const attempt = Math.min(maxAttempt, Math.max(1, command.attempt));
  const remainingMs = Math.min(Math.max(0, command.remainingMs), openTimeMs(rules, attempt));
  const { cause, changedBy } = command;
  const opened = { state: 'open', attempt, untilMs: nowMs + remainingMs, cause, changedBy } as const;
  return accept({ ...newStoredCircuit, ...marked, ...opened });
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

const accept = (circuit: StoredCircuit): Stored => ({ circuit, reply: { accepted: true } });

const refuse = (circuit: StoredCircuit, refusal: Refusal): Stored => ({
  circuit,
  reply: { accepted: false, refusal },
});
