import type { Inventory } from '../inventory.ts';
import { type CallTally, durationBucketsMs } from './tally.ts';

/** One metric with its samples, in the terms of Prometheus; seconds for time. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Breaker names are defined in code, families count as one: no label comes from input. */
export const metricsOf = (inventory: Inventory): readonly MetricFamily[] => [
  ...breakerMetrics(inventory),
  ...callMetrics(inventory),
  ...pipelineMetrics(inventory),
  ...storeMetrics(inventory),
  ...resourceMetrics(inventory),
];

/** The text that Prometheus reads. */
export const renderPrometheus = (families: readonly MetricFamily[]): string =>
  families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(
        ({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${numberText(value)}`,
      );
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
    })
    .join('');

const breakerMetrics = ({ members, fleet, clock }: Inventory): MetricFamily[] => {
  const all = [...members.values()];
  const nowMs = clock.nowMs();
  return [
    family(
      'resilience_breaker_state',
      'gauge',
      '1 for the state a breaker is in.',
      all.flatMap(({ breaker, gate }) =>
        states.map((state) => ({
          labels: { name: breaker.name, scope: gate.link?.up ? 'shared' : 'local', state },
          value: gate.state === state ? 1 : 0,
        })),
      ),
    ),
    family(
      'resilience_breaker_generation',
      'gauge',
      'Generation of the state seen by this replica.',
      all.map(({ breaker, gate }) => ({
        labels: { name: breaker.name },
        value: gate.generation,
      })),
    ),
    family(
      'resilience_breaker_view_age_seconds',
      'gauge',
      "Age of this replica's view of the fleet.",
      all.flatMap(({ breaker, gate }) =>
        gate.shared
          ? [{ labels: { name: breaker.name }, value: (nowMs - gate.shared.receivedAtMs) / 1_000 }]
          : [],
      ),
    ),
    family(
      'resilience_breaker_split_replicas',
      'gauge',
      'Replicas that have gone their own way for over 5 s.',
      all.flatMap(({ breaker, gate }) =>
        gate.link
          ? [{ labels: { name: breaker.name }, value: fleet?.presence.disagreeing[breaker.name] ?? 0 }]
          : [],
      ),
    ),
  ];
};

const callMetrics = ({ members, families }: Inventory): MetricFamily[] => {
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

const pipelineMetrics = ({ pipelines }: Inventory): MetricFamily[] => {
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

const storeMetrics = ({ fleet }: Inventory): MetricFamily[] => {
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

const resourceMetrics = ({ resources }: Inventory): MetricFamily[] => [
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

const states = ['closed', 'open', 'half-open', 'isolated'] as const;
const outcomes = ['success', 'failure', 'ignored', 'rejected', 'slow'] as const;

const family = (
  name: string,
  type: MetricFamily['type'],
  help: string,
  samples: readonly Sample[],
): MetricFamily => ({ name, type, help, samples });

const labelText = (labels: Sample['labels']): string => {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const numberText = (value: number): string =>
  Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : 'NaN';
