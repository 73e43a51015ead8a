import type { Inventory } from '../inventory.ts';
import { breakerMetrics } from './breaker-metrics.ts';
import { callMetrics } from './call-metrics.ts';
import type { MetricFamily } from './metric.ts';
import { pipelineMetrics } from './pipeline-metrics.ts';
import { resourceMetrics } from './resource-metrics.ts';
import { storeMetrics } from './store-metrics.ts';

/** Breaker names are defined in code, families count as one: no label comes from input. */
export const metricsOf = (inventory: Inventory): readonly MetricFamily[] => [
  ...breakerMetrics(inventory),
  ...callMetrics(inventory),
  ...pipelineMetrics(inventory),
  ...storeMetrics(inventory),
  ...resourceMetrics(inventory),
];
