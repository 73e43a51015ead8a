import { startRedis } from '@xnai/testing';
import type { BenchReport } from './report.ts';
import { measureCalls } from './resilience/calls.ts';
import { measureLoad } from './resilience/load.ts';
import { measureOutage } from './resilience/outage.ts';
import { measurePropagation } from './resilience/propagation.ts';
import { measureWindows } from './resilience/windows.ts';

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
