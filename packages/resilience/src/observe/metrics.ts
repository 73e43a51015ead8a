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

/** By name of the metric: its help text and its samples. */
type Metrics = Readonly<Record<string, readonly [help: string, samples: readonly Sample[]]>>;

const metrics = (type: MetricFamily['type'], all: Metrics): MetricFamily[] =>
  Object.entries(all).map(([name, [help, samples]]) => ({ name: `resilience_${name}`, help, type, samples }));

const breakerMetrics = ({ members, clock }: Inventory): MetricFamily[] => {
  const nowMs = clock.nowMs();
  const each = (samplesOf: (member: Member, name: string) => Sample[]) =>
    [...members].flatMap(([name, member]) => samplesOf(member, name));
  const states = each(({ gate }, name) => {
    const scope = gate.link?.up ? 'shared' : 'local';
    const all = ['closed', 'open', 'half-open', 'isolated'];
    return oneOf(all, gate.state, (state) => ({ name, scope, state }));
  });
  const ages = each(({ gate: { shared } }, name) =>
    measured({ name }, shared && (nowMs - shared.receivedAtMs) / 1_000),
  );
  return metrics('gauge', {
    breaker_state: ['1 for the state a breaker is in.', states],
    breaker_generation: [
      'Generation of the state seen by this replica.',
      each(({ gate }, name) => measured({ name }, gate.generation)),
    ],
    breaker_view_age_seconds: ["Age of this replica's view of the fleet.", ages],
  });
};

const callMetrics = ({ members, families }: Inventory): MetricFamily[] => {
  const each = (samplesOf: (tally: CallTally, name: string) => Sample[]) =>
    [...members, ...families].flatMap(([name, { tally }]) => samplesOf(tally, name));
  const calls = each((tally, name) =>
    outcomes.map((outcome) => ({ labels: { name, outcome }, value: tally[outcome] })),
  );
  const transitions = each((tally, name) =>
    [...tally.transitions].map(([key, value]) => {
      const [from = '', to = '', cause = ''] = key.split(' ');
      return { labels: { name, from, to, cause }, value };
    }),
  );
  const probes = each((tally, name) =>
    probeResults.map((result) => ({ labels: { name, result }, value: tally.probes[result] })),
  );
  return [
    ...metrics('counter', {
      breaker_calls_total: ['Calls by outcome; slow ones count twice.', calls],
      breaker_transitions_total: ['Changes of state seen by this replica.', transitions],
      breaker_probe_total: ['Probes made by this replica.', probes],
    }),
    ...metrics('histogram', {
      breaker_call_duration_seconds: ['Time of calls that were made.', each(durationSamples)],
    }),
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
  return metrics('gauge', {
    retry_budget_remaining: ['Retries that may be made now.', sums(({ budget }) => budget.remaining)],
    bulkhead_inflight: ['Calls that run.', sums(({ bulkhead }) => bulkhead?.running)],
    bulkhead_queued: ['Calls that wait for a slot.', sums(({ bulkhead }) => bulkhead?.waiting)],
    bulkhead_limit: ['Calls that may run at once.', sums(({ bulkhead }) => bulkhead?.limit)],
  });
};

const storeMetrics = ({ fleet }: Inventory): MetricFamily[] => {
  if (fleet === undefined) return [];
  const { up, live, tally } = fleet.exchange;
  const commands = histogramSamples({}, [['+Inf', tally.commands]], tally.commandSumMs / 1_000);
  const dropped = 'Outcomes that were not sent to the fleet because the store was away.';
  return [
    ...metrics('gauge', {
      store_up: ['1 while breakers are shared.', measured({}, up ? 1 : 0)],
      live_replicas: ['Replicas of this service that share breakers.', measured({}, live)],
    }),
    ...metrics('counter', { flush_dropped_total: [dropped, measured({}, tally.dropped)] }),
    ...metrics('histogram', {
      store_command_duration_seconds: ['Time of store commands, failed ones included.', commands],
    }),
  ];
};

const resourceMetrics = ({ resources }: Inventory): MetricFamily[] => {
  const used = [...resources].flatMap(([resource, { readings }]) =>
    readings().flatMap(({ source, used }) => measured({ resource, source }, used)),
  );
  const levels = [...resources].flatMap(([resource, { level }]) =>
    oneOf(['ok', 'shed', 'refuse', 'unknown'], level, (one) => ({ resource, level: one })),
  );
  return metrics('gauge', {
    resource_used_ratio: ['Measured use of a resource; absent while unknown.', used],
    resource_level: ['1 for the level a resource is at.', levels],
  });
};

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
