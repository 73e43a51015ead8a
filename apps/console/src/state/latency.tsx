import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readMetrics } from '../api.ts';
import { useLoaded } from '../load.ts';
import { bytes, percent } from '../parts/format.ts';
import { Failure } from '../parts/notice.tsx';
import { Table } from '../parts/table.tsx';
import { texts } from '../texts.ts';
import { Plot } from './plot.tsx';
import {
  type Buckets,
  bucketsOf,
  countOf,
  gaugeOf,
  quantileMs,
  readSamples,
  type Sample,
  shareWithin,
  since,
} from './read-metrics.ts';

const ROUTES = ['/v1/query', '/v1/search', '/v1/chat/completions', '/v1/embeddings', '/v1/rerank'];
const TARGET_S = 0.3;
const EVERY_MS = 5_000;
/** Five minutes. */
const KEPT = 60;

interface Moment {
  readonly searches: Buckets;
  readonly memory: number | undefined;
  readonly lag: number | undefined;
}

/** How long requests take against the target, and what the process of rag does over time. */
export function Latency() {
  const moments = useSignal<readonly Moment[]>([]);
  const metrics = useLoaded(async (signal) => readSamples(await readMetrics(signal)), {
    deps: [],
    everyMs: EVERY_MS,
  });
  const samples = metrics.value.value;
  useEffect(() => {
    if (samples) moments.value = [...moments.value, momentOf(samples)].slice(-KEPT);
  }, [samples]);
  const list = moments.value;
  const perMoment = list.map(({ searches }, at) => quantileMs(since(searches, list[at - 1]?.searches), 0.95));
  return (
    <section aria-label={texts.state.latency}>
      <h2>{texts.state.latency}</h2>
      <Failure error={metrics.error.value} />
      {samples && <RouteTable samples={samples} />}
      {list.length > 0 && (
        <div class="plots">
          <Plot
            label={texts.state.p95}
            values={perMoment.slice(1).map(cap)}
            limit={TARGET_S * 1000}
            format={texts.ask.took}
          />
          <Plot label={texts.state.memory} values={list.map(({ memory }) => memory)} format={bytes} />
          <Plot
            label={texts.state.lag}
            values={list.map(({ lag }) => lag)}
            format={(ms) => `${ms.toFixed(1)} ms`}
          />
        </div>
      )}
    </section>
  );
}

function momentOf(samples: readonly Sample[]): Moment {
  const lag = gaugeOf(samples, 'nodejs_eventloop_lag_p99_seconds');
  return {
    searches: bucketsOf(samples, '/v1/query'),
    memory: gaugeOf(samples, 'process_resident_memory_bytes'),
    lag: lag === undefined ? undefined : lag * 1000,
  };
}

function RouteTable({ samples }: { readonly samples: readonly Sample[] }) {
  const rows = ROUTES.map((route) => ({ route, buckets: bucketsOf(samples, route) })).filter(
    ({ buckets }) => countOf(buckets) > 0,
  );
  if (rows.length === 0) return <p class="quiet">{texts.state.noRequests}</p>;
  return (
    <Table
      columns={texts.state.latencyColumns}
      rows={rows.map(({ route, buckets }) => ({
        key: route,
        cells: [
          route,
          countOf(buckets),
          atMost(quantileMs(buckets, 0.95)),
          shareOf(shareWithin(buckets, TARGET_S)),
        ],
      }))}
    />
  );
}

/** The last bound of the figures: what took longer is only known to have. */
const LONGEST_MS = 30_000;

function atMost(ms: number | undefined): string {
  if (ms === undefined) return texts.state.unknown;
  return ms > LONGEST_MS ? `> ${texts.ask.took(LONGEST_MS)}` : `≤ ${texts.ask.took(ms)}`;
}

const shareOf = (share: number | undefined) => (share === undefined ? texts.state.unknown : percent(share));

const cap = (ms: number | undefined) => (ms === undefined ? undefined : Math.min(ms, LONGEST_MS));
