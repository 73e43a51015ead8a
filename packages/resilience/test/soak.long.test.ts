import { openFaultProxy, startRedis } from '@xnai/testing';
import { expect, test } from 'vitest';
import { type Round, rounds, Soak, soakOptions, watchedMs } from './support/soak.ts';

/** XNAI_SOAK_S sets how long it takes, XNAI_SOAK_REPLICAS how many processes. */
const soakMs = Number(process.env['XNAI_SOAK_S'] ?? 300) * 1_000;
const replicas = Number(process.env['XNAI_SOAK_REPLICAS'] ?? 6);

test(
  `a fleet of ${replicas} processes outlives every fault of Redis for ${soakMs / 1_000} s`,
  async () => {
    await using server = await startRedis({
      args: ['--user', 'breaker', 'on', '>secret', '~*', '&*', '+@all'],
    });
    await using proxy = await openFaultProxy(() => ({ path: server.path }));
    await using soak = new Soak(server, proxy);
    await soak.start(replicas);
    const endMs = performance.now() + soakMs;
    const done: Round[] = [];
    let heapBefore: readonly number[] = [];
    for (const [fault, dependency, killed] of rounds(replicas)) {
      if (performance.now() > endMs) break;
      const round = await soak.round(fault, dependency, killed);
      done.push(round);
      // Each replica by itself at most: its probes, once per open time.
      const windows = Math.ceil(watchedMs / soakOptions.openMs) + 1;
      if (dependency === 'down')
        expect(round.reached, round.fault).toBeLessThanOrEqual(replicas * soakOptions.probes.calls * windows);
      expect(round.longestOpenMs).toBeLessThanOrEqual(soakOptions.maxOpenMs);
      for (const told of await soak.report()) expect(told.strange).toEqual([]);
      if (done.length === 5) heapBefore = (await soak.report(true)).map(({ heapBytes }) => heapBytes);
    }
    const last = await soak.report(true);
    for (const told of [...soak.gone, ...last]) expect(told.strange).toEqual([]);
    // The breaker, the replicas alive, the orders: nothing else, however many replicas came and went.
    expect(
      (await server.client.keys('*')).filter((key) => key.startsWith('xnai:')).length,
    ).toBeLessThanOrEqual(3);
    const grownBytes = last.map(({ heapBytes }, i) => heapBytes - (heapBefore[i] ?? heapBytes));
    expect(Math.max(...grownBytes)).toBeLessThan(10_000_000);
    process.stdout.write(`${summary(done, [...soak.gone, ...last], grownBytes)}\n`);
  },
  soakMs + 600_000,
);

const summary = (
  done: readonly Round[],
  told: readonly { reached: number; served: number; failed: number; rejected: number }[],
  grownBytes: readonly number[],
): string => {
  const sum = (field: 'reached' | 'served' | 'failed' | 'rejected') =>
    told.reduce((total, one) => total + one[field], 0);
  const down = done.filter(({ dependency }) => dependency === 'down');
  return [
    `soak: ${done.length} rounds, ${told.length} processes, ${sum('served')} served, ${sum('failed')} failed,`,
    `${sum('rejected')} rejected, 0 strange; while down, at most ${Math.max(...down.map(({ reached }) => reached))}`,
    `calls in ${watchedMs} ms reached the dependency; well again after at most`,
    `${Math.round(Math.max(...done.map(({ wellAfterMs }) => wellAfterMs)))} ms;`,
    `heap grew by at most ${Math.round(Math.max(...grownBytes) / 1_024)} KiB`,
  ].join(' ');
};
