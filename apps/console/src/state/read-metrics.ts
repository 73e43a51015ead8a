/** One line of the text format of Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function readSamples(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: readLabels(labels), value: Number(value) }];
  });
}

function readLabels(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, value]));
}

export function gaugeOf(samples: readonly Sample[], name: string): number | undefined {
  return samples.find((sample) => sample.name === name)?.value;
}

/** Requests of a route: cumulative counts by the upper bound of their duration in seconds. */
export type Buckets = ReadonlyMap<number, number>;

const DURATION = 'http_request_duration_seconds_bucket';

export function bucketsOf(samples: readonly Sample[], route: string): Buckets {
  const buckets = new Map<number, number>();
  for (const { name, labels, value } of samples) {
    if (name !== DURATION || labels['route'] !== route) continue;
    const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
    buckets.set(bound, (buckets.get(bound) ?? 0) + value);
  }
  return buckets;
}

export const countOf = (buckets: Buckets): number => buckets.get(Infinity) ?? 0;

/** Of the requests that came between two readings; those of the whole time where there is no reading before. */
export function since(now: Buckets, before: Buckets = new Map()): Buckets {
  return new Map([...now].map(([bound, count]) => [bound, Math.max(0, count - (before.get(bound) ?? 0))]));
}

/** The smallest bound that this share of the requests kept, in milliseconds; undefined without requests. */
export function quantileMs(buckets: Buckets, share: number): number | undefined {
  const wanted = countOf(buckets) * share;
  if (wanted === 0) return undefined;
  const bounds = [...buckets.keys()].sort((a, b) => a - b);
  const bound = bounds.find((one) => (buckets.get(one) ?? 0) >= wanted);
  return bound === undefined ? undefined : bound * 1000;
}

/** The share of the requests within a bound; undefined without requests, or where nothing was counted by that bound. */
export function shareWithin(buckets: Buckets, boundS: number): number | undefined {
  const within = buckets.get(boundS);
  return within === undefined || countOf(buckets) === 0 ? undefined : within / countOf(buckets);
}
