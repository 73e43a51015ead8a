import type { TestSentinels, WatchedRedis } from '@xnai/testing';
import { waitUntil } from '@xnai/testing';
import { connectRedis, fastFailing } from '../../src/index.ts';
import type { OneBreaker } from './local-fleet.ts';

export type End = 'kill' | 'pause' | 'demote';

const key = 'xnai:brk:{test:dep}';
const patient = { timeoutMs: 60_000 };

/**
 * Ends the master while a fleet whose breaker is open asks and a client writes. What the store had been told last is lost with
 * the master: an order that reached no replica.
 *
 * @returns the time until the first write that the next master took, in milliseconds
 * @throws {Error} when a breaker lets a call in, when a generation falls, or when the next master has not the fleet's state
 */
export async function failOver(
  group: TestSentinels,
  fleet: readonly OneBreaker[],
  end: End,
): Promise<number> {
  const old = await group.master();
  for (const server of group.servers) if (server !== old) await group.untilFollows(server);
  const storeOf = (one: OneBreaker) => one.checks()['redis'];
  await waitUntil('the store is shared', () => fleet.every((one) => storeOf(one)?.status === 'ok'), {
    ...patient,
    describe: () => JSON.stringify(fleet.map(storeOf)),
  });
  const client = connectRedis(group.url, fastFailing(2_000));
  client.connect().catch(() => {});
  using _client = { [Symbol.dispose]: () => client.disconnect() };

  const startMs = performance.now();
  // A master that hands over by itself takes all that it has along.
  const lostAt = end === 'demote' ? await demote(group) : await loseOrder(group, old, { end, fleet });
  const generations = fleet.map((one) => one.get('dep').generation);
  const next = await waitUntil(
    `a write to the next master after ${end}`,
    async () => {
      for (const [i, one] of fleet.entries()) {
        await expectClosedOff(one);
        const { generation } = one.get('dep');
        if (generation < (generations[i] ?? 0)) throw new Error('a generation has fallen');
        generations[i] = generation;
      }
      if ((await client.set('failover', end).catch(() => undefined)) !== 'OK') return false;
      const now = await group.master();
      return now === old ? false : now;
    },
    patient,
  );
  const withoutMs = performance.now() - startMs;
  let found: readonly (string | null)[] = [];
  await waitUntil(
    'the next master knows what the fleet knows',
    async () => {
      for (const one of fleet) await expectClosedOff(one);
      found = await next.client.hmget(key, 'generation', 'forced_by');
      return Number(found[0]) > lostAt && found[1] !== null;
    },
    { ...patient, describe: () => `lost at ${lostAt}, found ${found}` },
  );
  if (end === 'kill') await old.start();
  if (end === 'pause') old.resume();
  return withoutMs;
}

async function demote(group: TestSentinels): Promise<number> {
  await group.handOver();
  return 0;
}

interface LosingOptions {
  readonly end: 'kill' | 'pause';
  readonly fleet: readonly OneBreaker[];
}

/** @returns the generation of an order that was lost with the master */
async function loseOrder(
  group: TestSentinels,
  master: WatchedRedis,
  { end, fleet: [first] }: LosingOptions,
): Promise<number> {
  const saved = (await master.client.config('GET', 'min-replicas-to-write')) as string[];
  await master.client.config('SET', 'min-replicas-to-write', '0');
  using _cut = await group.cutOff(master);
  const order = { reason: 'only the master hears it', by: 'ann', ttlMs: 600_000 };
  await waitUntil(
    'the order reaches the master',
    async () => (await first?.get('dep').isolate(order))?.reached === 'fleet',
    patient,
  );
  await master.client.config('SET', 'min-replicas-to-write', saved[1] ?? '1');
  await master[end]();
  return first?.get('dep').generation ?? 0;
}

async function expectClosedOff(one: OneBreaker): Promise<void> {
  const refused = await one
    .get('dep')
    .execute(() => undefined)
    .then(
      () => 'it let a call in',
      (error: Error) => (error.name === 'BreakerOpenError' ? undefined : error.message),
    );
  if (refused !== undefined) throw new Error(refused);
}
