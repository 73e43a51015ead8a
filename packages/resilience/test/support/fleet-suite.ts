import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BreakerOptions } from '../../src/index.ts';
import type { Runs } from './check.ts';
import { FleetWorld, service } from './fleet-world.ts';
import type { WorldBackend } from './world-backend.ts';

const size = 3;
const probes = 2;
const openMs = 1_000;
const maxOpenMs = 8_000;

const options: BreakerOptions = {
  window: { kind: 'sampling', windowMs: 10_000, minimumCalls: 3, failureRate: 0.5 },
  openMs,
  maxOpenMs,
  probes: { calls: probes, timeoutMs: 3_600_000 },
};

type Action = { readonly name: string; run(world: FleetWorld): Promise<unknown> | undefined };

const at = fc.nat(size - 1);
const act = (name: string, run: Action['run']): Action => ({ name, run });

const orderly: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        at,
        fc.constantFrom('ok' as const, 'fail' as const, 'fail' as const, 'abort' as const),
        fc.integer({ min: 1, max: 4 }),
      )
      .map(([i, how, n]) =>
        act(`call ${i} ${how} x${n}`, async (world) => {
          for (let k = 0; k < n; k++) await world.call(i, how);
        }),
      ),
  },
  { weight: 3, arbitrary: at.map((i) => act(`hold ${i}`, (world) => world.hold(i))) },
  {
    weight: 3,
    arbitrary: fc.boolean().map((ok) =>
      act(`end ${ok}`, async (world) => {
        world.held.shift()?.end(ok);
        await world.clock.settle();
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(10, 60, 300, openMs, 1_300, 2_500)
      .map((ms) => act(`tick ${ms}`, (world) => world.clock.advance(ms))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(at, fc.constantFrom(500, undefined))
      .map(([i, ttlMs]) => act(`isolate ${i} ${ttlMs}`, (world) => order(world, i, 'isolate', ttlMs))),
  },
  { weight: 1, arbitrary: at.map((i) => act(`reset ${i}`, (world) => order(world, i, 'reset'))) },
);

const faulty: fc.Arbitrary<Action> = fc.oneof(
  at.map((i) => act(`crash ${i}`, (world) => world.crash(i))),
  fc
    .tuple(at, fc.boolean())
    .map(([i, down]) => act(`start ${i} ${down ? 'alone' : ''}`, (world) => world.start(i, { down }))),
  fc
    .tuple(at, fc.boolean())
    .map(([i, down]) => act(`cut ${i} ${down}`, (world) => fault(world, i, 'down', down))),
  fc
    .tuple(at, fc.boolean())
    .map(([i, deaf]) => act(`deaf ${i} ${deaf}`, (world) => fault(world, i, 'deaf', deaf))),
  fc
    .tuple(at, fc.boolean())
    .map(([i, lost]) => act(`lose answers ${i} ${lost}`, (world) => fault(world, i, 'dropReplies', lost))),
  fc.constant(act('empty', async (world) => world.backend.empty())),
  fc.integer({ min: -3_600_000, max: 3_600_000 }).map((ms) => act(`skew ${ms}`, (world) => world.skew(ms))),
);

const order = async (world: FleetWorld, i: number, action: 'isolate' | 'reset', ttlMs?: number) => {
  const breaker = world.replicas[i]?.registry.get('dep');
  const given = breaker?.[action]({
    reason: 'simulated',
    by: 'operator',
    ...(ttlMs === undefined ? {} : { ttlMs }),
  });
  await world.clock.settle();
  await given;
};

const fault = async (world: FleetWorld, i: number, kind: 'down' | 'deaf' | 'dropReplies', on: boolean) => {
  const replica = world.replicas[i];
  if (replica !== undefined) replica.store[kind] = on;
  await world.clock.settle();
};

/** Histories of whole fleets; a failure prints the actions, the seed and the path to replay it. */
export const fleetSuite = (where: string, runs: Runs, open: Open): void => {
  describe(`a fleet of ${size} over ${where}, ${runs.numRuns} histories`, () => {
    test('without faults: one set of probes for all, no strange error, generations that only grow, one view at the end', () =>
      assertFleet(orderly, { runs, open }, (world) => {
        for (const count of world.probes.values()) expect(count).toBeLessThanOrEqual(probes);
      }));

    test('with every fault: no strange error, generations that only grow, one view once all is well', () =>
      assertFleet(
        fc.oneof({ weight: 3, arbitrary: orderly }, { weight: 1, arbitrary: faulty }),
        { runs, open },
        () => {},
      ));
  });
};

type Open = () => Promise<WorldBackend & Partial<AsyncDisposable>>;

const assertFleet = (
  actions: fc.Arbitrary<Action>,
  { runs, open }: { readonly runs: Runs; readonly open: Open },
  finally_: (world: FleetWorld) => void,
) =>
  fc.assert(
    fc.asyncProperty(fc.array(actions, { minLength: 1, maxLength: 40, size: 'max' }), async (history) => {
      const backend = await open();
      const world = new FleetWorld(size, options, backend);
      try {
        for (let i = 0; i < size; i++) await world.start(i);
        for (const action of history) {
          await action.run(world);
          watch(world);
        }
        finally_(world);
        await heal(world);
        await agree(world);
      } finally {
        await world.close();
        await backend[Symbol.asyncDispose]?.();
      }
    }),
    { ...runs, reporter: report },
  );

const watch = (world: FleetWorld): void => {
  expect(world.strange).toEqual([]);
  for (const replica of world.alive()) {
    const { generation, retryAfterMs, state } = replica.registry.get('dep');
    expect(generation).toBeGreaterThanOrEqual(replica.highest);
    replica.highest = generation;
    if (state === 'open') expect(retryAfterMs).toBeLessThanOrEqual(maxOpenMs);
  }
};

const heal = async (world: FleetWorld): Promise<void> => {
  world.backend.skewMs = 0;
  for (let i = 0; i < size; i++) {
    await world.start(i);
    for (const kind of ['down', 'deaf', 'dropReplies'] as const) await fault(world, i, kind, false);
  }
  await world.clock.advance(3_000);
};

/** Each replica sees the record; one that disagrees with it has opened by itself, and reports so. */
const agree = async (world: FleetWorld): Promise<void> => {
  watch(world);
  const record = await world.backend.circuit(service, 'dep');
  for (const { registry } of world.alive()) {
    const [snapshot] = registry.snapshot();
    if (snapshot === undefined || record === undefined) continue;
    expect(registry.checks()['redis']?.status).toBe('ok');
    const apart = record.state === 'closed' && record.forced === undefined && snapshot.state !== 'closed';
    if (apart) expect(registry.get('dep').scope).toBe('local');
    else if (record.forced === undefined) expect(snapshot.state).toBe(record.state);
    if (record.generation > 0) expect(snapshot.generation).toBeGreaterThanOrEqual(record.generation);
  }
};

const report = (details: fc.RunDetails<[Action[]]>): void => {
  if (!details.failed) return;
  const history = details.counterexample?.[0].map(({ name }) => name).join('; ');
  throw new Error(`seed ${details.seed}, path '${details.counterexamplePath}': ${history}`, {
    cause: details.errorInstance,
  });
};
