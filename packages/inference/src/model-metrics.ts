import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DraftCounts } from './child/messages.ts';
import type { GenerateTimings, GenerateUsage, ModelPort, ModelRole, Models } from './model.ts';
import type { QueueRefusal } from './queue/model-queue.ts';

export type RefusalReason = QueueRefusal | 'not-ready';

export type ModelMetrics = ReturnType<typeof createModelMetrics>;

export interface ModelLoad {
  readonly running: number;
  readonly queued: number;
}

/** A metric that llama-server has too carries its name after the prefix. */
export function createModelMetrics() {
  const counters = createCounters();
  const histograms = createHistograms();
  return {
    /** Counts a call that wrote something, whether or not to its end. */
    answered(
      { promptTokens, cachedTokens, completionTokens }: Omit<GenerateUsage, 'thoughtTokens'>,
      timings: GenerateTimings,
    ): void {
      counters.promptTokens.inc(promptTokens);
      counters.cachedTokens.inc(cachedTokens);
      counters.predictedTokens.inc(completionTokens);
      counters.promptSeconds.inc(timings.promptMs / 1000);
      counters.predictedSeconds.inc(timings.predictedMs / 1000);
      histograms.firstToken.observe(timings.firstTokenMs / 1000);
      histograms.queue.observe(timings.queueMs / 1000);
      if (completionTokens > 1)
        histograms.interToken.observe(timings.predictedMs / 1000 / (completionTokens - 1));
    },
    drafted({ drafted, accepted }: DraftCounts): void {
      counters.draftedTokens.inc(drafted);
      counters.acceptedTokens.inc(accepted);
    },
    refused: (reason: RefusalReason) => counters.refusals.inc({ reason }),
    restarted: (model: ModelRole) => counters.restarts.inc({ model }),
    /** Adds all metrics to a registry, with gauges that read the models' state at each scrape. */
    register(registry: Registry, models: Models, load: () => ModelLoad): void {
      for (const metric of [...Object.values(counters), ...Object.values(histograms)]) {
        registry.registerMetric(metric as Counter);
      }
      registerGauges(registry, models, load);
    },
  };
}

const PREFIX = 'xnai_model_';

const REASONS: readonly RefusalReason[] = ['full', 'deadline', 'not-ready'];
const ROLES: readonly ModelRole[] = ['generate', 'embed', 'rerank'];

function createCounters() {
  const counter = (name: string, help: string) =>
    new Counter({ name: `${PREFIX}${name}`, help, registers: [] });
  /** Each series exists from the start, because a rate over a series that begins with its first event misses it. */
  const labelled = (name: string, help: string, label: string, values: readonly string[]) => {
    const series = new Counter({ name: `${PREFIX}${name}`, help, labelNames: [label], registers: [] });
    for (const value of values) series.inc({ [label]: value }, 0);
    return series;
  };
  return {
    promptTokens: counter('prompt_tokens_total', 'Prompt tokens, including those from kept state'),
    cachedTokens: counter('prompt_cached_tokens_total', 'Prompt tokens that a sequence still held'),
    promptSeconds: counter('prompt_seconds_total', 'Time spent on prompts'),
    predictedTokens: counter('tokens_predicted_total', 'Tokens written'),
    draftedTokens: counter('tokens_drafted_total', 'Tokens that prompt lookup predicted'),
    acceptedTokens: counter('tokens_accepted_total', 'Tokens predicted by prompt lookup and written'),
    predictedSeconds: counter('tokens_predicted_seconds_total', 'Time spent writing'),
    refusals: labelled('refusals_total', 'Requests refused before they reached the model', 'reason', REASONS),
    restarts: labelled('restarts_total', 'Restarts of a process after a crash or a hang', 'model', ROLES),
  };
}

function createHistograms() {
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `${PREFIX}${name}`, help, buckets, registers: [] });
  return {
    firstToken: histogram(
      'first_token_seconds',
      'From the request to its first token, queue included',
      [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30],
    ),
    interToken: histogram(
      'inter_token_seconds',
      'Mean time between the tokens of an answer',
      [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.5],
    ),
    queue: histogram(
      'queue_seconds',
      'Time spent waiting for a sequence',
      [0.001, 0.01, 0.1, 0.5, 1, 5, 15, 60],
    ),
  };
}

function registerGauges(registry: Registry, models: Models, load: () => ModelLoad): void {
  const ports = Object.entries({
    generate: models.generator,
    embed: models.embedder,
    rerank: models.reranker,
  });
  const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void) =>
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        collect(this);
      },
    });
  const perModel = (name: string, help: string, value: (port: ModelPort) => number | undefined) =>
    gauge(name, help, ['model'], (self) => {
      for (const [model, port] of ports) self.set({ model }, value(port) ?? 0);
    });
  const ofDevice = (name: string, help: string, field: 'gpuLayers' | 'estimatedBytes' | 'deviceBytes') =>
    perModel(name, help, (port) => port.info()?.device[field]);

  perModel('ready', '1 while the model can be used', (port) => (port.state().status === 'ready' ? 1 : 0));
  perModel('threads', 'Threads of the model', (port) => port.info()?.threads);
  ofDevice('gpu_layers', 'Layers on a GPU', 'gpuLayers');
  ofDevice('memory_estimated_bytes', 'Estimated memory of the model', 'estimatedBytes');
  ofDevice('device_memory_estimated_bytes', 'Estimated memory of the model on a GPU', 'deviceBytes');
  const labels = ['model', 'id', 'kind', 'device', 'reason'];
  gauge('device_info', 'Device of the model, and why; 1 once it is loaded', labels, (self) => {
    for (const [model, port] of ports) {
      const info = port.info();
      if (info === undefined) continue;
      const { kind, name, reason } = info.device;
      self.set({ model, id: info.id, kind, device: name, reason }, 1);
    }
  });
  gauge('requests_processing', 'Sequences that are busy', [], (self) => self.set(load().running));
  gauge('requests_deferred', 'Requests waiting for a sequence', [], (self) => self.set(load().queued));
}
