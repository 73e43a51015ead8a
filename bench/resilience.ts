import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createRedisStore, createRegistry } from '@xnai/resilience';
import { type RedisServer, startRedis } from '@xnai/resilience/testing';
import { circuitBreaker, handleAll, SamplingBreaker } from 'cockatiel';
import { atMost, type BenchReport, printReport, quantile, type Row } from './report.ts';
import { startFleet } from './resilience-fleet.ts';
import { measureOutage } from './resilience-outage.ts';

/** It has no types of its own. */
const OpossumBreaker = createRequire(import.meta.url)('opossum') as new (
  action: () => Promise<unknown>,
  options: { readonly timeout: number | false },
) => { fire(): Promise<unknown> };

const ROUNDS = 7;
const WINDOWS = 20;
const PROPAGATIONS = 30;
const PROBES = 3;
const CALLERS = 40;
const LOAD_MS = 5_000;

/** What a shared breaker costs a call, against its peers on the same work; and what the fleet costs Redis. */
export async function runResilienceBench(): Promise<BenchReport> {
  await using server = await startRedis();
  const calls = await measureCalls(server);
  const propagation = await measurePropagation(server);
  const windows = await measureWindows(server);
  const load = await measureLoad(server);
  const outage = await measureOutage(server);
  return {
    name: 'breakers: closed path and rejection per call, and what they cost Redis',
    rows: [...calls.rows, ...propagation.rows, ...windows.rows, ...load.rows, ...outage.rows],
    raw: {
      calls: calls.raw,
      propagation: propagation.raw,
      windows: windows.raw,
      load: load.raw,
      outage: outage.raw,
    },
  };
}

interface Part {
  readonly rows: readonly Row[];
  readonly raw: unknown;
}

async function measureCalls(server: RedisServer): Promise<Part> {
  const store = createRedisStore({ path: server.path, commandTimeoutMs: 1_000 });
  await using registry = createRegistry({ service: 'calls', store, timing: { startWaitMs: 5_000 } }).define({
    shared: { window: { kind: 'sampling', slowAfterMs: 1_000, slowRate: 0.5 } },
    open: {},
  });
  await registry.start();
  if (registry.checks()['redis']?.status !== 'ok') throw new Error('the breakers are not shared');
  await registry.get('open').isolate({ reason: 'to be rejected' });
  const cockatiel = circuitBreaker(handleAll, {
    halfOpenAfter: 30_000,
    breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
  });
  const work = async () => 1;
  const opossum = new OpossumBreaker(work, { timeout: false });
  const shared = registry.get('shared');
  const open = registry.get('open');
  const sha = String(await server.client.script('LOAD', "return redis.call('HINCRBY', KEYS[1], 'n', 1)"));
  // Side by side, round by round: whatever else the machine does falls on all of them.
  const raw = await inRounds({
    bare: { n: 200_000, call: () => work() },
    cockatiel: { n: 200_000, call: () => cockatiel.execute(work) },
    shared: { n: 200_000, call: () => shared.execute(work) },
    opossum: { n: 100_000, call: () => opossum.fire() },
    rejected: { n: 100_000, call: () => open.execute(work).catch(() => 0) },
    evalsha: { n: 3_000, call: () => server.client.evalsha(sha, 1, 'bench:k').then(() => work()) },
  });
  const us = Object.fromEntries(
    Object.entries(raw).map(([name, all]) => [name, quantile(all, 0.5)]),
  ) as Record<keyof typeof raw, number>;
  return {
    raw,
    rows: [
      { what: 'bare async function', value: us.bare, unit: 'us' },
      { what: 'cockatiel 4, sampling, local', value: us.cockatiel, unit: 'us' },
      { what: 'opossum 10, no timeout, local', value: us.opossum, unit: 'us' },
      { what: 'one EVALSHA per call (unix socket)', value: us.evalsha, unit: 'us' },
      atMost('shared breaker with slow-call timing, closed', us.shared, 'us', 1.5),
      atMost('the same as a multiple of cockatiel', us.shared / us.cockatiel, 'x', 3),
      atMost('rejection by an open circuit', us.rejected, 'us', 5),
    ],
  };
}

interface Case {
  readonly n: number;
  readonly call: () => PromiseLike<unknown>;
}

async function inRounds<K extends string>(cases: Readonly<Record<K, Case>>): Promise<Record<K, number[]>> {
  const names = Object.keys(cases) as K[];
  const us = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of names) {
      const { n, call } = cases[name];
      const startedMs = performance.now();
      for (let i = 0; i < n; i++) await call();
      // The first round warms up.
      if (round > 0) us[name].push(((performance.now() - startedMs) / n) * 1_000);
    }
  }
  return us;
}

async function measurePropagation(server: RedisServer): Promise<Part> {
  await using fleet = await startFleet(server.path, { replicas: 8, breakers: 1, probes: 1 });
  const tookMs: number[] = [];
  for (let i = 0; i < PROPAGATIONS; i++) {
    await fleet.all({ do: 'watch' });
    const others = [1, 2, 3, 4, 5, 6, 7].map((k) => fleet.ask(k, { do: 'when-open' }));
    const { atMs = 0 } = await fleet.ask(0, { do: 'open' });
    tookMs.push(...(await Promise.all(others)).map((told) => Math.max(0, (told.atMs ?? 0) - atMs)));
    await fleet.all({ do: 'due' });
  }
  return {
    raw: tookMs,
    rows: [
      { what: 'OPEN seen by 7 other processes, p50', value: quantile(tookMs, 0.5), unit: 'ms' },
      atMost('OPEN seen by 7 other processes, p99', quantile(tookMs, 0.99), 'ms', 50),
    ],
  };
}

async function measureWindows(server: RedisServer): Promise<Part> {
  await server.client.flushall();
  await using fleet = await startFleet(server.path, { replicas: 8, breakers: 1, probes: PROBES });
  await fleet.ask(0, { do: 'open' });
  const entered: number[] = [];
  for (let i = 0; i < WINDOWS; i++) {
    await fleet.all({ do: 'due' });
    const told = await fleet.all({ do: 'storm', callers: CALLERS, holdMs: 400 });
    entered.push(told.reduce((sum, one) => sum + (one.entered ?? 0), 0));
  }
  const wrong = entered.filter((n) => n !== PROBES).length;
  return {
    raw: entered,
    rows: [
      {
        what: `probes per half-open window, 8 x ${CALLERS} callers, K = ${PROBES}, least`,
        value: Math.min(...entered),
        unit: '',
      },
      { what: 'the same, most', value: Math.max(...entered), unit: '' },
      {
        what: `windows of ${WINDOWS} with another number than K`,
        value: wrong,
        unit: '',
        aim: 'none',
        isMet: wrong === 0,
      },
    ],
  };
}

async function measureLoad(server: RedisServer): Promise<Part> {
  await server.client.flushall();
  await using fleet = await startFleet(server.path, { replicas: 10, breakers: 20, probes: 1 });
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

async function usage(server: RedisServer) {
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

/** `node bench/resilience.ts [--json]` */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = await runResilienceBench();
  if (process.argv.includes('--json')) console.log(JSON.stringify(report));
  else printReport(report);
}
