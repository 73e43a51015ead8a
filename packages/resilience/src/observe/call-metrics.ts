import type { Inventory } from '../inventory.ts';
import { family, type MetricFamily, type Sample } from './metric.ts';
import { type CallTally, durationBucketsMs } from './tally.ts';

export const callMetrics = ({ members, families }: Inventory): MetricFamily[] => {
  const all: (readonly [string, CallTally])[] = [
    ...[...members].map(([name, { tally }]) => [name, tally] as const),
    ...[...families].map(([name, { tally }]) => [name, tally] as const),
  ];
  const each = (samples: (tally: CallTally, name: string) => Sample[]) =>
    all.flatMap(([name, tally]) => samples(tally, name));
  return [
    family(
      'resilience_breaker_calls_total',
      'counter',
      'Calls by what became of them; slow ones count twice.',
      each((tally, name) =>
        outcomes.map((outcome) => ({ labels: { name, outcome }, value: tally[outcome] })),
      ),
    ),
    family(
      'resilience_breaker_call_duration_seconds',
      'histogram',
      'Time of calls that were made.',
      each(durationSamples),
    ),
    family(
      'resilience_breaker_transitions_total',
      'counter',
      'Changes of state seen by this replica.',
      each((tally, name) =>
        [...tally.transitions].map(([key, value]) => {
          const [from = '', to = '', cause = ''] = key.split(' ');
          return { labels: { name, from, to, cause }, value };
        }),
      ),
    ),
    family(
      'resilience_breaker_probe_total',
      'counter',
      'Probes made by this replica.',
      each(({ probes }, name) =>
        (['success', 'failure', 'ignored'] as const).map((result) => ({
          labels: { name, result },
          value: probes[result],
        })),
      ),
    ),
  ];
};

const durationSamples = (tally: CallTally, name: string): Sample[] => {
  let count = 0;
  const buckets = [...tally.durations].map((n, i) => {
    count += n;
    const bound = durationBucketsMs[i];
    return {
      suffix: '_bucket',
      labels: { name, le: bound === undefined ? '+Inf' : String(bound / 1_000) },
      value: count,
    };
  });
  return [
    ...buckets,
    { suffix: '_sum', labels: { name }, value: tally.durationSumMs / 1_000 },
    { suffix: '_count', labels: { name }, value: count },
  ];
};

const outcomes = ['success', 'failure', 'ignored', 'rejected', 'slow'] as const;
