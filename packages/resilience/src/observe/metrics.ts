import type { Member } from '../breaker/member.ts';
import { type CallTally, durationBucketsMs } from '../gate/tally.ts';
import type { Inventory } from '../inventory.ts';
import type { Pipeline } from '../policies/pipeline.ts';

/** One metric with its samples, in the terms of Prometheus; times are in seconds. */
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

/** Breaker names are defined in code and a family counts as one, so that no label comes from input. */
export const metricsOf = (inventory: Inventory): readonly MetricFamily[] => [
  ...breakerMetrics(inventory),
  ...callMetrics(inventory),
  ...pipelineMetrics(inventory),
  ...storeMetrics(inventory),
  ...resourceMetrics(inventory),
];

const breakerMetrics = ({ members, clock }: Inventory): MetricFamily[] => {
  const nowMs = clock.nowMs();
  const each = (measure: (member: Member) => number | undefined) =>
    [...members.values()].flatMap((member) => measured({ name: member.breaker.name }, measure(member)));
  const states = [...members.values()].flatMap(({ breaker: { name }, gate }) => {
    const scope = gate.link?.up ? 'shared' : 'local';
    return oneOf(['closed', 'open', 'half-open', 'isolated'], gate.state, (state) => ({
      name,
      scope,
      state,
    }));
  });
  return [
    gauge('resilience_breaker_state', '1 for the state a breaker is in.', states),
    gauge(
      'resilience_breaker_generation',
      'Generation of the state seen by this replica.',
      each(({ gate }) => gate.generation),
    ),
    gauge(
      'resilience_breaker_view_age_seconds',
      "Age of this replica's view of the fleet.",
      each(({ gate }) => gate.shared && (nowMs - gate.shared.receivedAtMs) / 1_000),
    ),
  ];
};

const callMetrics = ({ members, families }: Inventory): MetricFamily[] => {
  const each = (samplesOf: (tally: CallTally, name: string) => Sample[]) =>
    [...members, ...families].flatMap(([name, { tally }]) => samplesOf(tally, name));
  return [
    counter(
      'resilience_breaker_calls_total',
      'Calls by outcome; slow ones count twice.',
      each((tally, name) =>
        outcomes.map((outcome) => ({ labels: { name, outcome }, value: tally[outcome] })),
      ),
    ),
    {
      name: 'resilience_breaker_call_duration_seconds',
      type: 'histogram',
      help: 'Time of calls that were made.',
      samples: each(durationSamples),
    },
    counter(
      'resilience_breaker_transitions_total',
      'Changes of state seen by this replica.',
      each((tally, name) =>
        [...tally.transitions].map(([key, value]) => {
          const [from = '', to = '', cause = ''] = key.split(' ');
          return { labels: { name, from, to, cause }, value };
        }),
      ),
    ),
    counter(
      'resilience_breaker_probe_total',
      'Probes made by this replica.',
      each(({ probes }, name) =>
        probeResults.map((result) => ({ labels: { name, result }, value: probes[result] })),
      ),
    ),
  ];
};

const outcomes = ['success', 'failure', 'ignored', 'rejected', 'slow'] as const;
const probeResults = ['success', 'failure', 'ignored'] as const;

const durationSamples = (tally: CallTally, name: string): Sample[] => {
  let count = 0;
  const buckets = [...tally.durations].map((n, i): [string, number] => {
    count += n;
    const bound = durationBucketsMs[i];
    return [bound === undefined ? '+Inf' : String(bound / 1_000), count];
  });
  return histogramSamples({ name }, buckets, tally.durationSumMs / 1_000);
};

const pipelineMetrics = ({ pipelines }: Inventory): MetricFamily[] => {
  const byName = Map.groupBy(pipelines, ({ breaker }) => breaker.name);
  const sums = (measure: (pipeline: Pipeline) => number | undefined) =>
    [...byName].flatMap(([name, all]) => {
      const values = all.map(measure).filter((value) => value !== undefined);
      return measured({ name }, values.length === 0 ? undefined : values.reduce((a, b) => a + b));
    });
  return [
    gauge(
      'resilience_retry_budget_remaining',
      'Retries that may be made now.',
      sums(({ budget }) => budget.remaining),
    ),
    gauge(
      'resilience_bulkhead_inflight',
      'Calls that run.',
      sums(({ bulkhead }) => bulkhead?.running),
    ),
    gauge(
      'resilience_bulkhead_queued',
      'Calls that wait for a slot.',
      sums(({ bulkhead }) => bulkhead?.waiting),
    ),
    gauge(
      'resilience_bulkhead_limit',
      'Calls that may run at once.',
      sums(({ bulkhead }) => bulkhead?.limit),
    ),
  ];
};

const storeMetrics = ({ fleet }: Inventory): MetricFamily[] => {
  if (fleet === undefined) return [];
  const { up, live, tally } = fleet.exchange;
  const { commands, commandSumMs, dropped } = tally;
  return [
    gauge('resilience_store_up', '1 while breakers are shared.', measured({}, up ? 1 : 0)),
    {
      name: 'resilience_store_command_duration_seconds',
      type: 'histogram',
      help: 'Time of store commands, failed ones included.',
      samples: histogramSamples({}, [['+Inf', commands]], commandSumMs / 1_000),
    },
    counter(
      'resilience_flush_dropped_total',
      'Outcomes that were not sent to the fleet because the store was away.',
      measured({}, dropped),
    ),
    gauge('resilience_live_replicas', 'Replicas of this service that share breakers.', measured({}, live)),
  ];
};

const resourceMetrics = ({ resources }: Inventory): MetricFamily[] => {
  const used = [...resources].flatMap(([resource, { readings }]) =>
    readings().flatMap(({ source, used }) => measured({ resource, source }, used)),
  );
  const levels = [...resources].flatMap(([resource, { level }]) =>
    oneOf(['ok', 'shed', 'refuse', 'unknown'], level, (one) => ({ resource, level: one })),
  );
  return [
    gauge('resilience_resource_used_ratio', 'Measured use of a resource; absent while unknown.', used),
    gauge('resilience_resource_level', '1 for the level a resource is at.', levels),
  ];
};

const gauge = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
  name,
  help,
  type: 'gauge',
  samples,
});

const counter = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
  name,
  help,
  type: 'counter',
  samples,
});

/** One sample, or none for a value that is not known. */
const measured = (labels: Sample['labels'], value: number | undefined): Sample[] =>
  value === undefined ? [] : [{ labels, value }];

/** A sample for each possible value: 1 for the present one, 0 for the others. */
const oneOf = (
  values: readonly string[],
  present: string,
  labelsOf: (value: string) => Sample['labels'],
): Sample[] => values.map((value) => ({ labels: labelsOf(value), value: value === present ? 1 : 0 }));

/** @param buckets upper bounds with the number of calls up to each; the last has all. */
const histogramSamples = (
  labels: Sample['labels'],
  buckets: readonly (readonly [le: string, count: number])[],
  sum: number,
): Sample[] => [
  ...buckets.map(([le, value]) => ({ suffix: '_bucket', labels: { ...labels, le }, value })),
  { suffix: '_sum', labels, value: sum },
  { suffix: '_count', labels, value: buckets.at(-1)?.[1] ?? 0 },
];
