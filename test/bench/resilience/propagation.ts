import type { TestRedis } from '@xnai/testing';
import { atMost, quantile } from '../report.ts';
import { startFleet } from './fleet.ts';
import type { Part } from './part.ts';

const PROPAGATIONS = 30;

/** How soon the other processes know that a breaker has opened in one. */
export async function measurePropagation(server: TestRedis): Promise<Part> {
  await using fleet = await startFleet(server.url, { replicas: 8, breakers: 1, probes: 1 });
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
