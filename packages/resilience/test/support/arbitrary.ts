import fc from 'fast-check';
import type { Command } from '../../src/circuit/command.ts';
import type { CircuitRules } from '../../src/circuit/rules.ts';
import type { StoredCircuit } from '../../src/testing/reduce.ts';

/** Rules small enough for a few commands to cross every threshold. */
export const anyRules: fc.Arbitrary<CircuitRules> = fc.record({
  window: fc.oneof(
    { weight: 4, arbitrary: anySampling() },
    fc.record({ kind: fc.constant('consecutive' as const), failures: fc.integer({ min: 1, max: 3 }) }),
  ),
  openMs: fc.integer({ min: 1, max: 5_000 }),
  maxOpenMs: fc.integer({ min: 5_000, max: 20_000 }),
  openFactor: fc.constantFrom(1, 1.5, 2, 10),
  probes: fc.constant(3),
  probeFailuresAllowed: fc.integer({ min: 0, max: 2 }),
  leaseMs: fc.integer({ min: 100, max: 4_000 }),
  quorumReplicas: fc.integer({ min: 1, max: 3 }),
  quorumFailures: fc.integer({ min: 5, max: 50 }),
});

function anySampling() {
  return fc
    .record({
      windowMs: fc.integer({ min: 10, max: 5_000 }),
      failureRate: fc.constantFrom(0.1, 0.3, 0.5, 1),
      minimumCalls: fc.integer({ min: 1, max: 10 }),
      slowRate: fc.option(fc.constantFrom(0.2, 0.7), { nil: undefined }),
    })
    .map((window) => ({ kind: 'sampling' as const, slotMs: Math.ceil(window.windowMs / 10), ...window }));
}

/**
 * A command as a replica could send it that knows the record, or knew it once. `wait` may aim at the very moment
 * when something falls due.
 */
export interface Step {
  readonly afterMs: (now: StoredCircuit, nowMs: number) => number;
  readonly command: (now: StoredCircuit) => Command;
}

const replicas = ['a', 'b', 'c'] as const;

export const anyStep: fc.Arbitrary<Step> = fc
  .record({
    wait: fc.oneof(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 6_000 }),
      fc.constantFrom('due' as const, 'lease' as const, 0),
    ),
    replica: fc.constantFrom(...replicas),
    behind: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, -1),
    pick: fc.nat(5),
    what: fc.oneof(
      { weight: 1, arbitrary: anyTrip() },
      { weight: 10, arbitrary: anyFlush() },
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('lease' as const) }) },
      { weight: 5, arbitrary: anySettle() },
      { weight: 1, arbitrary: anyForce() },
      { weight: 1, arbitrary: anySeed() },
    ),
  })
  .map(({ wait, replica, behind, pick, what }) => ({
    afterMs: (now, nowMs) => (typeof wait === 'number' ? wait : Math.max(0, momentOf(now, wait) - nowMs)),
    command: (now) => {
      const generation = Math.max(0, now.generation - behind);
      const floor = what.kind === 'seed' ? generation + 1 : generation;
      return {
        ...what,
        replica,
        floor,
        ...details[what.kind](now, { generation, replica, pick }),
      } as Command;
    },
  }));

interface Choice {
  readonly generation: number;
  readonly replica: string;
  readonly pick: number;
}

/** What depends on the record: stamps, the next batch or one already sent, a lease mostly held, a token mostly new. */
const details: Record<Command['kind'], (now: StoredCircuit, choice: Choice) => object> = {
  trip: (_now, { generation }) => ({ generation }),
  flush: (now, { generation, replica, pick }) => ({
    generation,
    batch: (now.tallies[replica]?.batch ?? 0) + Math.max(0, pick - 1),
  }),
  settle: (now, { pick }) => ({ token: (now.leases[pick] ?? now.leases[0])?.token ?? 'none' }),
  lease: (now, { pick }) => ({ token: `${now.generation}.${now.leases.length + Math.min(1, pick)}` }),
  force: () => ({}),
  seed: () => ({}),
};

const momentOf = (now: StoredCircuit, wait: 'due' | 'lease'): number =>
  wait === 'due' ? now.untilMs : (now.leases[0]?.deadlineAtMs ?? 0);

function anyTrip() {
  return fc.record({
    kind: fc.constant('trip' as const),
    cause: fc.constantFrom('failure-rate', 'slow-rate'),
    live: fc.integer({ min: 0, max: 4 }),
  });
}

function anySettle() {
  return fc.record({
    kind: fc.constant('settle' as const),
    outcome: fc.constantFrom('success' as const, 'failure' as const, 'ignored' as const),
  });
}

function anyFlush() {
  return fc
    .record({
      calls: fc.integer({ min: 0, max: 12 }),
      failed: fc.integer({ min: 0, max: 12 }),
      slowed: fc.integer({ min: 0, max: 12 }),
      live: fc.integer({ min: 0, max: 4 }),
    })
    .map(({ failed, slowed, ...rest }) => ({
      kind: 'flush' as const,
      ...rest,
      failures: Math.min(failed, rest.calls),
      slow: Math.min(slowed, rest.calls),
    }));
}

function anyForce() {
  return fc.record(
    {
      kind: fc.constant('force' as const),
      action: fc.constantFrom('isolate' as const, 'reset' as const),
      by: fc.constantFrom('ann', 'bob'),
      reason: fc.constantFrom('works', '"; quoted'),
      ttlMs: fc.integer({ min: 1, max: 10_000 }),
      ifGeneration: fc.integer({ min: 0, max: 5 }),
    },
    { requiredKeys: ['kind', 'action', 'by', 'reason'] },
  );
}

function anySeed() {
  return fc.record({
    kind: fc.constant('seed' as const),
    state: fc.constantFrom('closed' as const, 'open' as const, 'half-open' as const),
    remainingMs: fc.integer({ min: 0, max: 30_000 }),
    attempt: fc.integer({ min: 0, max: 70 }),
    cause: fc.constant('failure-rate'),
    changedBy: fc.constant('a'),
  });
}
