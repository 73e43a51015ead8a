import type { Inventory } from '../inventory.ts';
import { family, type MetricFamily } from './metric.ts';

export const pipelineMetrics = ({ pipelines }: Inventory): MetricFamily[] => {
  const names = [...new Set(pipelines.map(({ breaker }) => breaker.name))];
  const sums = (value: (pipeline: Inventory['pipelines'][number]) => number | undefined) =>
    names.flatMap((name) => {
      const values = pipelines
        .filter(({ breaker }) => breaker.name === name)
        .map(value)
        .filter((n) => n !== undefined);
      return values.length === 0 ? [] : [{ labels: { name }, value: values.reduce((a, b) => a + b) }];
    });
  return [
    family(
      'resilience_retry_budget_remaining',
      'gauge',
      'Retries that may be made now.',
      sums(({ budget }) => budget.remaining),
    ),
    family(
      'resilience_bulkhead_inflight',
      'gauge',
      'Calls that run.',
      sums(({ bulkhead }) => bulkhead?.running),
    ),
    family(
      'resilience_bulkhead_queued',
      'gauge',
      'Calls that wait for a slot.',
      sums(({ bulkhead }) => bulkhead?.waiting),
    ),
    family(
      'resilience_bulkhead_limit',
      'gauge',
      'Calls that may run at once.',
      sums(({ bulkhead }) => bulkhead?.limit),
    ),
  ];
};
