import type { TaskTimes } from '@xnai/service/threads';
import { Gauge, Histogram, type Registry } from 'prom-client';

/** Lookups of rows, searches and writes wait in a line each, so that none of them waits for the others. */
const LINES = ['lookup', 'search', 'write'] as const;
export type Line = (typeof LINES)[number];

const BUCKETS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** How much waits in each line of the store, for how long, and how long the work itself takes. */
export function createLineMetrics() {
  const wait = histogram('rag_store_wait_seconds', 'Time in the line until a thread of the store begins');
  const work = histogram('rag_store_work_seconds', 'Time in a thread of the store; of a commit for writes');
  return {
    waited: (line: Line, waitedMs: number) => wait.observe({ line }, waitedMs / 1000),
    worked: (line: Line, tookMs: number) => work.observe({ line }, tookMs / 1000),
    ended:
      (line: Line) =>
      ({ waitedMs, tookMs }: TaskTimes): void => {
        wait.observe({ line }, waitedMs / 1000);
        work.observe({ line }, tookMs / 1000);
      },
    register: (registry: Registry, waiting: Readonly<Record<Line, () => number>>): void => {
      for (const metric of [wait, work]) registry.registerMetric(metric);
      new Gauge({
        name: 'rag_store_waiting',
        help: 'Requests that wait for a thread of the store',
        labelNames: ['line'],
        registers: [registry],
        collect() {
          for (const line of LINES) this.set({ line }, waiting[line]());
        },
      });
    },
  };
}

export type LineMetrics = ReturnType<typeof createLineMetrics>;

function histogram(name: string, help: string) {
  return new Histogram({ name, help, labelNames: ['line'], buckets: BUCKETS_S, registers: [] });
}
