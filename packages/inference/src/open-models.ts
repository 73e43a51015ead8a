import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Breaker, createLimiter } from '@xnai/resilience';
import type { Registry } from 'prom-client';
import type { ModelsConfig } from './config.ts';
import { createLlamaEmbedder } from './llama-embedder.ts';
import { createLlamaGenerator } from './llama-generator.ts';
import { createLlamaReranker } from './llama-reranker.ts';
import type { ModelLog, ModelRole, Models } from './model.ts';
import { createModelMetrics, type ModelLoad } from './model-metrics.ts';
import { createDeviceTurn } from './process/device-turn.ts';
import { keepLoaded, lookingFor } from './process/keep-loaded.ts';
import type { Machine } from './process/machine.ts';
import { type ProcessLimits, type RoleProcess, SupervisedProcess } from './process/role-process.ts';
import { createCoreSharing } from './process/share-cores.ts';
import type { QueueRefusal } from './queue/model-queue.ts';
import { openRemote } from './remote/open-remote.ts';
import type { RemoteLimits } from './remote/remote-limits.ts';
import type { RemoteProcess } from './remote/remote-process.ts';
import { createStandIn } from './remote/stand-in.ts';

export interface ModelsDeps {
  readonly config: ModelsConfig;
  readonly breakers: Readonly<Record<ModelRole, Breaker>>;
  /** Of each model server. */
  readonly serverBreakerOf: (server: string) => Breaker;
  readonly log: ModelLog;
  readonly remoteLimits?: Partial<RemoteLimits>;
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
  const loading = createLimiter(1);
  const open = (role: ModelRole, device = createDeviceTurn()): SupervisedProcess => {
    const source = config.sources[role];
    const options = { role, log: deps.log, limits: deps.limits, onRestart: () => metrics.restarted(role) };
    if (source.kind === 'none') {
      const detail = `no model is configured (RAG_${role.toUpperCase()}_MODEL=none)`;
      return new SupervisedProcess({ status: 'absent', detail }, options);
    }
    const process = new SupervisedProcess(lookingFor(source), options);
    const { signal } = stop;
    void keepLoaded({ ...deps, role, source, process, device, stateDirectory, loading, signal });
    return process;
  };
  const generate = open('generate');
  const behind = () => createDeviceTurn(generate);
  const processes = { generate, embed: open('embed', behind()), rerank: open('rerank', behind()) };
  const share = createCoreSharing(processes);
  const remotes: RemoteProcess[] = [];
  const remoteOr = (role: ModelRole): RoleProcess => {
    const model = config.remote?.[role];
    if (model === undefined) return processes[role];
    const { serverBreakerOf: breakerOf, remoteLimits: limits } = deps;
    const remote = openRemote(role, { ...config, ...model, breakerOf, limits, log: deps.log });
    remotes.push(remote);
    return config.sources[role].kind === 'none' ? remote : createStandIn(role, remote, processes[role]);
  };
  const using = (role: ModelRole) => ({
    process: remoteOr(role),
    breaker: breakers[role],
    onRefusal: (reason: QueueRefusal) => metrics.refused(reason),
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
    registerMetrics: (registry) => metrics.register(registry, models, () => generator.queue),
    load: () => generator.queue,
    pids: () => pidsOf(processes),
    async [Symbol.asyncDispose]() {
      stop.abort();
      const all = [...Object.values(processes), ...remotes];
      await Promise.all(all.map((process) => process[Symbol.asyncDispose]()));
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

function pidsOf(
  processes: Readonly<Record<ModelRole, SupervisedProcess>>,
): Partial<Record<ModelRole, number>> {
  const entries = Object.entries(processes).map(([role, { pid }]) => [role, pid] as const);
  return Object.fromEntries(entries.filter(([, pid]) => pid !== undefined));
}
