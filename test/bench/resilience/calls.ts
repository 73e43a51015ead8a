import { createRequire } from 'node:module';
import { createRedisStore, createRegistry } from '@xnai/resilience';
import type { TestRedis } from '@xnai/testing';
import { circuitBreaker, handleAll, SamplingBreaker } from 'cockatiel';
import { atMost, quantile } from '../report.ts';
import type { Part } from './part.ts';

/** It has no types of its own. */
const OpossumBreaker = createRequire(import.meta.url)('opossum') as new (
  action: () => Promise<unknown>,
  options: { readonly timeout: number | false },
) => { fire(): Promise<unknown> };

const ROUNDS = 7;

/** What a call costs through our breaker and through those of others, round by round. */
export async function measureCalls(server: TestRedis): Promise<Part> {
  const store = createRedisStore({ url: server.url, commandTimeoutMs: 1_000 });
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
