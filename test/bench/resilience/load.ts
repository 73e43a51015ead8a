import type { TestRedis } from '@xnai/testing';
import { startFleet } from './fleet.ts';
import type { Part } from './part.ts';

const LOAD_MS = 5_000;

/** What a fleet at work asks of Redis. */
export async function measureLoad(server: TestRedis): Promise<Part> {
  await server.client.flushall();
  await using fleet = await startFleet(server.url, { replicas: 10, breakers: 20, probes: 1 });
  const before = await usage(server);
  const told = await fleet.all({ do: 'load', forMs: LOAD_MS });
  const after = await usage(server);
  const seconds = after.atS - before.atS;
  const raw = {
    calls: told.reduce((sum, one) => sum + (one.calls ?? 0), 0),
    commandsPerS: (after.commands - before.commands) / seconds,
    cpuShare: (after.cpuS - before.cpuS) / seconds,
    bytes: after.bytes,
  };
  return {
    raw,
    rows: [
      { what: '10 replicas x 20 breakers in use: commands', value: raw.commandsPerS, unit: '/s' },
      { what: 'the same: one core of Redis', value: raw.cpuShare * 100, unit: '%' },
      { what: 'the same: memory of all records', value: raw.bytes / 1_024, unit: 'KiB' },
    ],
  };
}

async function usage(server: TestRedis) {
  const info = await server.client.info();
  const figure = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  const keys = await server.client.keys('xnai:brk:*');
  const sizes = await Promise.all(keys.map((key) => server.client.memory('USAGE', key)));
  return {
    atS: performance.now() / 1_000,
    commands: figure('total_commands_processed'),
    cpuS: figure('used_cpu_user') + figure('used_cpu_sys'),
    bytes: sizes.reduce<number>((sum, size) => sum + Number(size ?? 0), 0),
  };
}
