import type { Inventory } from '../inventory.ts';
import { family, type MetricFamily } from './metric.ts';

export const resourceMetrics = ({ resources }: Inventory): MetricFamily[] => [
  family(
    'resilience_resource_used_ratio',
    'gauge',
    'Measured use of a resource; absent while unknown.',
    [...resources].flatMap(([resource, { readings }]) =>
      readings().flatMap(({ source, used }) =>
        used === undefined ? [] : [{ labels: { resource, source }, value: used }],
      ),
    ),
  ),
  family(
    'resilience_resource_level',
    'gauge',
    '1 for the level a resource is at.',
    [...resources].flatMap(([resource, one]) =>
      (['ok', 'shed', 'refuse', 'unknown'] as const).map((level) => ({
        labels: { resource, level },
        value: one.level === level ? 1 : 0,
      })),
    ),
  ),
];
