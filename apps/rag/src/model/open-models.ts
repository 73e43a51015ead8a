import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Breaker, BreakerOptions } from '@xnai/resilience';
import type { Registry } from 'prom-client';
import { chooseThreads } from './choose-threads.ts';
import { awaitReplacement, fileVersion } from './files/await-replacement.ts';
import type { ModelSource } from './files/model-source.ts';
import { provideModel } from './files/provide-model.ts';
import type { LoadSettings, ModelRole } from './ipc.ts';
import { createLlamaEmbedder } from './llama-embedder.ts';
import { createLlamaGenerator } from './llama-generator.ts';
import { createLlamaReranker } from './llama-reranker.ts';
import { type Machine, readMachine } from './machine.ts';
import type { ModelState, Models, Priority } from './model.ts';
import type { ModelErrorCode } from './model-error.ts';
import { createModelMetrics, type ModelLoad } from './model-metrics.ts';
import { type ModelLog, ModelProcess, type ProcessEvent, type ProcessLimits } from './model-process.ts';
import { ModelSlot } from './model-slot.ts';
import { createCoreSharing } from './share-cores.ts';

export interface ModelsConfig {
  readonly sources: Readonly<Record<ModelRole, ModelSource>>;
  readonly directory: string;
  readonly endpoint: string;
  readonly mayFetch: boolean;
  readonly threads: number | undefined;
  /** `auto`, `off`, or the index of a device. */
  readonly vulkan: 'auto' | 'off' | number;
  /** `GGML_VK_VISIBLE_DEVICES` as a person set it. */
  readonly visibleDevices: string | undefined;
  readonly contextTokens: number;
  readonly sequences: number;
  readonly queue?: Readonly<Record<Priority, number>>;
  readonly keptPrefixes: readonly string[];
  readonly lookupPrediction: boolean;
}

export interface ModelsDeps {
  readonly config: ModelsConfig;
  readonly breakers: Readonly<Record<ModelRole, Breaker>>;
  readonly log: ModelLog;
  readonly limits?: Partial<ProcessLimits>;
  readonly machine?: () => Machine;
  /** How often a file that is missing or of no use is looked at again. */
  readonly lookEveryMs?: number;
}

export interface OpenModels extends Models, AsyncDisposable {
  /** Adds the models' metrics to a service's registry. */
  registerMetrics(registry: Registry): void;
  /** What generation has to do now. */
  load(): ModelLoad;
  /** Process ids of the loaded models, for operators and tests. */
  pids(): Readonly<Partial<Record<ModelRole, number>>>;
}

/** One crash opens nothing; three failed calls in a row do, and the first probe after five seconds may close again. */
const BREAKER: BreakerOptions = {
  // Each replica has its own model processes: the breaker opens for all only when all of them fail.
  quorum: { replicas: 1_000 },
  window: { kind: 'consecutive', failures: 3 },
  openMs: 5_000,
  maxOpenMs: 60_000,
};

/** To be defined in the service's registry. */
export const MODEL_BREAKERS = { generate: BREAKER, embed: BREAKER, rerank: BREAKER } as const;

/** Gives the three models at once; files are fetched and loaded in the background, and their state says how far. */
export function openModels(deps: ModelsDeps): OpenModels {
  const { config, breakers } = deps;
  const stop = new AbortController();
  const stateDirectory = mkdtempSync(join(tmpdir(), 'xnai-model-'));
  const metrics = createModelMetrics();
  const slots = { generate: openSlot('generate'), embed: openSlot('embed'), rerank: openSlot('rerank') };

  function openSlot(role: ModelRole): ModelSlot {
    const source = config.sources[role];
    if (source.kind === 'none') {
      const detail = `no model is configured (RAG_${role.toUpperCase()}_MODEL=none)`;
      return new ModelSlot({ status: 'absent', detail }, NOT_READY[role]);
    }
    const slot = new ModelSlot(
      { status: 'loading', detail: 'the model file is looked for' },
      NOT_READY[role],
    );
    const run = { ...deps, role, source, slot, stateDirectory, signal: stop.signal };
    void occupy(run, () => metrics.restarted(role));
    return slot;
  }

  const share = createCoreSharing(slots);
  const using = (role: ModelRole) => ({
    process: slots[role],
    breaker: breakers[role],
    onRefusal: (reason: string) => metrics.refused(reason),
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

interface Occupy extends ModelsDeps {
  readonly role: ModelRole;
  readonly source: Exclude<ModelSource, { kind: 'none' }>;
  readonly slot: ModelSlot;
  readonly stateDirectory: string;
  readonly signal: AbortSignal;
}

/** Waits for the file of a slot, then keeps a process for it; a file that is no use is waited to be replaced. */
async function occupy(run: Occupy, onRestart: () => void): Promise<void> {
  const { config, role, source, slot, log, signal, lookEveryMs = LOOK_EVERY_MS } = run;
  try {
    for (;;) {
      const say = (state: ModelState) => slot.say(state);
      const file = await provideModel(source, { ...config, signal, log, say, lookEveryMs });
      const version = await fileVersion(file);
      signal.throwIfAborted();
      await untilUnusable(run, file, onRestart);
      await awaitReplacement(file, version, { lookEveryMs, signal });
      log.info({ role, file }, 'the model file has been replaced and is tried again');
      await slot.vacate({ status: 'loading', detail: 'the model file has been replaced' });
    }
  } catch (error) {
    if (signal.aborted) return;
    log.error({ err: error, role }, 'a model cannot be provided');
    slot.say({ status: 'down', detail: error instanceof Error ? error.message : String(error) });
  }
}

const LOOK_EVERY_MS = 2_000;

/** Keeps a process with that file in the slot; resolves when the file turns out to be of no use. */
function untilUnusable(run: Occupy, file: string, onRestart: () => void): Promise<void> {
  const { config, role, slot, log } = run;
  return new Promise((resolve) => {
    const onEvent = (event: ProcessEvent) => {
      logEvent(log, role, event);
      if (event.type === 'ready') slot.ready();
      if (event.type === 'exit') onRestart();
      if (event.type === 'unusable') resolve();
    };
    const settings = () => loadSettings(run, file);
    const limits = run.limits === undefined ? {} : { limits: run.limits };
    slot.use(new ModelProcess({ settings, env: deviceEnvironment(config), log, onEvent, ...limits }));
  });
}

function loadSettings(run: Occupy, file: string): LoadSettings {
  const { config, role, log, stateDirectory } = run;
  const machine = (run.machine ?? readMachine)();
  const { threads, warning } = chooseThreads(config.threads, machine);
  if (warning !== undefined) log.warn({ threads, role }, warning);
  return {
    role,
    file,
    threads,
    stateDirectory,
    memoryBudgetBytes: machine.memoryFreeBytes,
    // Two contexts on one device disturb each other: only generation uses it.
    vulkan: role === 'generate' && config.vulkan !== 'off' ? 'auto' : 'off',
    softwareDevice: config.visibleDevices !== undefined && config.visibleDevices !== '',
    contextTokens: role === 'generate' ? config.contextTokens : LONGEST_EMBEDDED_TOKENS,
    sequences: role === 'generate' ? config.sequences : 1,
    keptPrefixes: config.keptPrefixes,
    lookupPrediction: config.lookupPrediction,
  };
}

/** More than any chunk has; a model trained on less takes less. */
const LONGEST_EMBEDDED_TOKENS = 2_048;

function deviceEnvironment({ vulkan, visibleDevices }: ModelsConfig): Record<string, string> {
  if (typeof vulkan === 'number') return { GGML_VK_VISIBLE_DEVICES: String(vulkan) };
  return visibleDevices === undefined ? {} : { GGML_VK_VISIBLE_DEVICES: visibleDevices };
}

function logEvent(log: ModelLog, role: ModelRole, event: ProcessEvent): void {
  switch (event.type) {
    case 'ready': {
      const { id, device, threads, contextTokens, sequences } = event.info;
      log.info({ role, model: id, device, threads, contextTokens, sequences }, 'the model is ready');
      break;
    }
    case 'unusable':
      log.error({ role, reason: event.detail }, 'the model cannot be used');
      break;
    case 'exit':
      log.warn({ role, reason: event.detail, restartMs: event.restartMs }, 'the model process ended');
      break;
  }
}

function pidsOf(slots: Readonly<Record<ModelRole, ModelSlot>>): Partial<Record<ModelRole, number>> {
  const entries = Object.entries(slots).flatMap(([role, { process }]) =>
    process?.pid ? [[role, process.pid]] : [],
  );
  return Object.fromEntries(entries);
}
