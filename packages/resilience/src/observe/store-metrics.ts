import type { Inventory } from '../inventory.ts';
import { family, type MetricFamily } from './metric.ts';

export const storeMetrics = ({ fleet }: Inventory): MetricFamily[] => {
  if (fleet === undefined) return [];
  const { commands, commandSumMs, dropped } = fleet.tally;
  return [
    family('resilience_store_up', 'gauge', '1 while breakers are shared.', [
      { labels: {}, value: fleet.up ? 1 : 0 },
    ]),
    family(
      'resilience_store_command_duration_seconds',
      'histogram',
      'Time of store commands, failed ones included.',
      [
        { suffix: '_bucket', labels: { le: '+Inf' }, value: commands },
        { suffix: '_sum', labels: {}, value: commandSumMs / 1_000 },
        { suffix: '_count', labels: {}, value: commands },
      ],
    ),
    family(
      'resilience_flush_dropped_total',
      'counter',
      'Outcomes the fleet never heard of, the store being away.',
      [{ labels: {}, value: dropped }],
    ),
    family('resilience_live_replicas', 'gauge', 'Replicas of this service that share breakers.', [
      { labels: {}, value: fleet.presence.live },
    ]),
  ];
};
