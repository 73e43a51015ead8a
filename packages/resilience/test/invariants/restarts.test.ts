import { startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { breakIt, openReplicas, quick } from '../support/local-fleet.ts';
import { forkReplicas } from '../support/replicas.ts';

let server: TestRedis;
beforeEach(async () => {
  server = await startRedis();
});
afterEach(() => server[Symbol.asyncDispose]());

const fast = { pollMs: 200, pollDownMs: 100, startWaitMs: 5_000 };

test('invariant 9: a generation never falls, and goes on after Redis came back empty', async () => {
  await using fleet = await openReplicas(2, { url: server.url }, quick, { timing: fast });
  const [a, b] = fleet;
  const breaker = a?.get('dep');
  for (let i = 0; i < 3; i++) await breaker?.reset({ reason: 'counting up' });
  const before = breaker?.generation ?? 0;
  expect(before).toBe(3);
  await waitUntil('the other has heard of it', () => b?.get('dep').generation === before);
  const seen: number[] = [];
  await server.kill();
  await waitUntil('the store is lost', () => a?.checks()['redis']?.status === 'down');
  await server.restart();
  await waitUntil('the store is shared again', () => {
    seen.push(...fleet.map((one) => one.get('dep').generation));
    return [a, b].every((one) => one?.checks()['redis']?.status === 'ok');
  });
  // The first writer begins after the highest generation that it knew.
  await breakIt(b as never);
  await waitUntil('all have it', () => fleet.every((one) => one.get('dep').state === 'open'));
  expect(breaker?.generation).toBeGreaterThan(before);
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(before);
}, 30_000);

test('invariant 10: what is open stays open over a restart of every process, before the first call', async () => {
  const options = { ...quick, openMs: 20_000, maxOpenMs: 20_000 };
  {
    await using fleet = await forkReplicas(3, { url: server.url, options });
    await fleet.all[0]?.ask({ do: 'storm', callers: 5, holdMs: 0, fail: true });
    await waitUntil('all are open', async () => {
      const told = await Promise.all(fleet.all.map((one) => one.ask({ do: 'state' })));
      return told.every(({ state }) => state === 'open');
    });
  }
  const writtenUntil = Number(await server.client.hget('xnai:brk:{fleet:dep}', 'until'));
  await using again = await forkReplicas(3, { url: server.url, options });
  for (const one of again.all) {
    // The very first thing asked of it, and the dependency is not reached.
    const told = await one.ask({ do: 'storm', callers: 3, holdMs: 0, fail: false });
    expect(told).toMatchObject({ state: 'open', scope: 'shared', entered: 0, rejected: 3 });
    // Time has passed since it opened, and is not given back.
    expect(told.retryAfterMs).toBeLessThan(options.openMs);
  }
  expect(Number(await server.client.hget('xnai:brk:{fleet:dep}', 'until'))).toBe(writtenUntil);
}, 30_000);

test('invariant 11: what is open is open again after Redis was killed and came back empty, newcomers or not', async () => {
  await using fleet = await openReplicas(3, { url: server.url }, quick, { timing: fast });
  await breakIt(fleet[0] as never);
  await waitUntil('all are open', () => fleet.every((one) => one.get('dep').state === 'open'));
  const before = fleet[0]?.get('dep').generation ?? 0;
  await server.kill();
  await server.restart();
  // Someone who knows nothing comes first, and counts a success.
  await using newcomer = await openReplicas(1, { url: server.url }, quick, { timing: fast });
  await newcomer[0]
    ?.get('dep')
    .execute(() => 'fine')
    .catch(() => {});
  await waitUntil('all are open again', () =>
    [...fleet, ...newcomer].every((one) => one.get('dep').state === 'open'),
  );
  expect(await server.client.hget('xnai:brk:{test:dep}', 'state')).toBe('open');
  expect(newcomer[0]?.get('dep').generation).toBeGreaterThan(before);
}, 30_000);

test('invariant 12: FLUSHALL while running changes nothing that a caller sees', async () => {
  await using fleet = await openReplicas(2, { url: server.url }, quick, { timing: fast });
  await breakIt(fleet[0] as never);
  await waitUntil('all are open', () => fleet.every((one) => one.get('dep').state === 'open'));
  await server.client.flushall();
  await server.client.script('FLUSH');
  const strange: unknown[] = [];
  await waitUntil('the record is there again', async () => {
    for (const one of fleet) {
      await one
        .get('dep')
        .execute(() => strange.push('let in'))
        .catch((error: Error) => {
          if (error.name !== 'BreakerOpenError') strange.push(error);
        });
    }
    return (await server.client.hget('xnai:brk:{test:dep}', 'state')) === 'open';
  });
  expect(strange).toEqual([]);
}, 30_000);

test('invariant 18: isolate and reset reach the fleet, survive a restart, and are written down', async () => {
  await using fleet = await openReplicas(3, { url: server.url }, quick);
  const [a, b] = fleet;
  const isolated = await a?.get('dep').isolate({ reason: 'moving the disk', by: 'ann', ttlMs: 600_000 });
  expect(isolated?.reached).toBe('fleet');
  await waitUntil('all are isolated', () => fleet.every((one) => one.get('dep').state === 'isolated'));
  await using late = await openReplicas(1, { url: server.url }, quick);
  await expect(late[0]?.get('dep').execute(() => 'in')).rejects.toMatchObject({
    code: 'BREAKER_ISOLATED',
    scope: 'forced',
  });
  const generation = b?.get('dep').generation ?? 0;
  await expect(b?.get('dep').reset({ reason: 'late', ifGeneration: generation - 1 })).rejects.toMatchObject({
    code: 'GENERATION_MOVED',
  });
  await b?.get('dep').reset({ reason: 'moved', by: 'bob', ifGeneration: generation });
  await waitUntil('all are closed', () =>
    [...fleet, ...late].every((one) => one.get('dep').state === 'closed'),
  );
  const [last, first] = (await b?.audit(10)) ?? [];
  expect(first).toMatchObject({
    breaker: 'test:dep',
    action: 'isolate',
    by: 'ann',
    reason: 'moving the disk',
    ttlMs: 600_000,
  });
  expect(last).toMatchObject({ action: 'reset', by: 'bob', reason: 'moved', generation: generation + 1 });
}, 30_000);

test('the audit stream keeps the latest thousand orders', async () => {
  await using fleet = await openReplicas(1, { url: server.url }, quick);
  for (let i = 0; i < 1_010; i++) await fleet[0]?.get('dep').reset({ reason: `r${i}` });
  expect(await server.client.xlen('xnai:brk:audit')).toBe(1_000);
  expect((await fleet[0]?.audit(1))?.[0]?.reason).toBe('r1009');
}, 30_000);
