import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Breaker } from '@xnai/resilience';
import type { Registry } from 'prom-client';
import type { Refusal } from './admission/admission.ts';
import type { ModelsConfig } from './config.ts';
import { createLlamaEmbedder } from './llama-embedder.ts';
import { createLlamaGenerator } from './llama-generator.ts';
import { createLlamaReranker } from './llama-reranker.ts';
import type { ModelLog, ModelRole, Models } from './model.ts';
import type { ModelErrorCode } from './model-error.ts';
import { createModelMetrics, type ModelLoad } from './model-metrics.ts';
import type { Machine } from './process/machine.ts';
import type { ProcessLimits } from './process/model-process.ts';
import { ModelSlot } from './process/model-slot.ts';
import { occupySlot } from './process/occupy-slot.ts';
import { createCoreSharing } from './process/share-cores.ts';
import { createTurns } from './process/take-turns.ts';

export interface ModelsDeps {
  readonly config: ModelsConfig;
  readonly breakers: Readonly<Record<ModelRole, Breaker>>;
  readonly log: ModelLog;
  readonly limits?: Partial<ProcessLimits>;
  readonly machine?: () => Machine;
  /** How often a missing or unusable file is checked again. */
  readonly lookEveryMs?: number;
}

export interface OpenModels extends Models, AsyncDisposable {
  /** Adds the models' metrics to a service's registry. */
  registerMetrics(registry: Registry): void;
  /** Running and queued requests for generation. */
  load(): ModelLoad;
  /** Process ids of the loaded models, for operators and tests. */
  pids(): Readonly<Partial<Record<ModelRole, number>>>;
}

/** Returns the three models at once. Their files are fetched and loaded in the background; their state shows progress. */
export function openModels(deps: ModelsDeps): OpenModels {
  const { config, breakers } = deps;
  const stop = new AbortController();
  const stateDirectory = mkdtempSync(join(tmpdir(), 'xnai-model-'));
  const metrics = createModelMetrics();
  const takeTurn = createTurns();
  const slots = { generate: openSlot('generate'), embed: openSlot('embed'), rerank: openSlot('rerank') };

  function openSlot(role: ModelRole): ModelSlot {
    const source = config.sources[role];
    if (source.kind === 'none') {
      const detail = `no model is configured (RAG_${role.toUpperCase()}_MODEL=none)`;
      return new ModelSlot({ status: 'absent', detail }, NOT_READY[role]);
    }
    const slot = new ModelSlot({ status: 'loading', detail: 'looking for the model file' }, NOT_READY[role]);
    const run = { ...deps, role, source, slot, stateDirectory, takeTurn, signal: stop.signal };
    void occupySlot(run, () => metrics.restarted(role));
    return slot;
  }

  const share = createCoreSharing(slots);
  const using = (role: ModelRole) => ({
    process: slots[role],
    breaker: breakers[role],
    onRefusal: (reason: Refusal) => metrics.refused(reason),
    onBusy: (isBusy: boolean) => share(role, isBusy),
  });
  const generator = createLlamaGenerator({
    ...using('generate'),
    metrics,
    ...(config.queue === undefined ? {} : { capacity: config.queue }),
  });
  const models: Models = {
    generator,
    embedder: createLlamaEmbedder(using('embed')),
    reranker: createLlamaReranker(using('rerank')),
  };
  return {
    ...models,
    registerMetrics: (registry) => metrics.register(registry, models, () => generator.admission),
    load: () => generator.admission,
    pids: () => pidsOf(slots),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(Object.values(slots).map((slot) => slot[Symbol.asyncDispose]()));
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

const NOT_READY: Record<ModelRole, ModelErrorCode> = {
  generate: 'MODEL_NOT_READY',
  embed: 'EMBEDDER_NOT_READY',
  rerank: 'RERANKER_NOT_READY',
};

function pidsOf(slots: Readonly<Record<ModelRole, ModelSlot>>): Partial<Record<ModelRole, number>> {
  const entries = Object.entries(slots).flatMap(([role, { process }]) =>
    process?.pid ? [[role, process.pid]] : [],
  );
  return Object.fromEntries(entries);
}
