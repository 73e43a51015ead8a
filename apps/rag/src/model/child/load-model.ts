import { basename } from 'node:path';
import { InputLookupTokenPredictor, type LlamaModel } from 'node-llama-cpp';
import type { Event, LoadedInfo, LoadSettings } from '../ipc.ts';
import { ModelError } from '../model-error.ts';
import { inBatchOrder } from './batch-order.ts';
import { createEmbedModel } from './embed.ts';
import { fitMemory } from './fit-memory.ts';
import { generate } from './generate.ts';
import { type InspectedFile, inspectFile } from './inspect-file.ts';
import type { LoadedModel } from './loaded-model.ts';
import { type Engine, openCpu, openEngine } from './open-engine.ts';
import { createPrompter } from './prompt-tokens.ts';
import { createRerankModel } from './rerank.ts';
import { createRounds } from './rounds.ts';
import { createSequencePool } from './sequence-pool.ts';

export type Report = (event: Event) => void;

/** Brings a model into memory, or says in one sentence why that cannot be (`MODEL_UNUSABLE`). */
export async function loadModel(settings: LoadSettings, report: Report): Promise<LoadedModel> {
  const options = {
    ...settings,
    log: (level: (Event & { type: 'log' })['level'], message: string) =>
      report({ type: 'log', level, message }),
  };
  const engine = await openEngine(options);
  if (engine.kind === 'cpu') return onCpu(engine, settings, report);
  const refusal = await onDevice(engine, settings, report);
  if (typeof refusal !== 'string') return refusal;
  await engine.llama.dispose();
  report({ type: 'log', level: 'warn', message: refusal });
  return onCpu(await openCpu(options, refusal), settings, report);
}

async function onCpu(engine: Engine, settings: LoadSettings, report: Report): Promise<LoadedModel> {
  try {
    return await open(await loadOn(engine, settings, report), settings);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    const detail = `${basename(settings.file)} could not be loaded: ${(cause as Error).message}`;
    throw new ModelError('MODEL_UNUSABLE', { detail, cause });
  }
}

/** The model on a GPU, or why it is not there. A file that is no use on any device is thrown. */
async function onDevice(
  engine: Engine,
  settings: LoadSettings,
  report: Report,
): Promise<LoadedModel | string> {
  try {
    const loaded = await loadOn(engine, settings, report);
    if (loaded.model.gpuLayers === 0) return `no layer of the model fits on ${engine.deviceName}`;
    return await open(loaded, settings);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    return `${engine.deviceName} cannot hold the model: ${(error as Error).message}`;
  }
}

interface Loaded {
  readonly engine: Engine;
  readonly model: LlamaModel;
  readonly file: InspectedFile;
  readonly contextTokens: number;
  readonly sequences: number;
  readonly estimatedBytes: number;
}

async function loadOn(engine: Engine, settings: LoadSettings, report: Report): Promise<Loaded> {
  const file = await inspectFile(engine.llama, settings.file, settings.role);
  const fit = await fitMemory({
    insights: file.insights,
    budgetBytes: settings.memoryBudgetBytes,
    contextTokens: settings.contextTokens,
    sequences: settings.sequences,
    batchTokens: BATCH_TOKENS,
    gpuLayers: engine.kind === 'cpu' ? 0 : file.insights.totalLayers,
  });
  const model = await engine.llama.loadModel({
    modelPath: settings.file,
    onLoadProgress: (progress) => report({ type: 'loading', progress }),
    // The memory was estimated above against the container's limit; the library knows only the host's.
    ...(engine.kind === 'cpu' ? { gpuLayers: 0, ignoreMemorySafetyChecks: true } : {}),
  });
  return { engine, model, file, ...fit };
}

async function open(loaded: Loaded, settings: LoadSettings): Promise<LoadedModel> {
  switch (settings.role) {
    case 'generate':
      return openGenerator(loaded, settings);
    case 'embed':
      return createEmbedModel(
        loaded.model,
        { ...settings, contextTokens: loaded.contextTokens },
        info(loaded, settings),
      );
    case 'rerank':
      return createRerankModel(
        loaded.model,
        { ...settings, contextTokens: loaded.contextTokens },
        info(loaded, settings),
      );
  }
}

async function openGenerator(loaded: Loaded, settings: LoadSettings): Promise<LoadedModel> {
  const { model, contextTokens, sequences } = loaded;
  const context = await model.createContext({
    sequences,
    contextSize: contextTokens,
    // All that a round may take: a batch of prompts and a token of every sequence.
    batchSize: BATCH_TOKENS + sequences,
    batching: { itemPrioritizationStrategy: inBatchOrder },
    threads: settings.threads,
    ignoreMemorySafetyChecks: loaded.engine.kind === 'cpu',
  });
  const pool = createSequencePool(context, () =>
    settings.lookupPrediction ? new InputLookupTokenPredictor() : undefined,
  );
  const prompter = createPrompter(model);
  for (const text of settings.keptPrefixes)
    await pool.keep(prompter.prefixTokens(text), settings.stateDirectory);
  const deps = { model, pool, prompter, contextTokens, rounds: createRounds(BATCH_TOKENS) };
  return {
    info: info(loaded, settings),
    async run(call, options) {
      if (call.kind === 'generate') return generate(deps, call, options);
      if (call.kind === 'count') {
        return options.reply({
          kind: 'counts',
          counts: call.texts.map((text) => model.tokenize(text).length),
        });
      }
      if (call.kind === 'count-prompt') {
        return options.reply({ kind: 'counts', counts: [prompter.tokenize(call.prompt).tokens.length] });
      }
      throw new TypeError(`a generation model takes no ${call.kind} calls`);
    },
  };
}

/** Small enough that an abort, a deadline or another request waits well under a second on a CPU. */
const BATCH_TOKENS = 128;

function info(
  { engine, model, file, contextTokens, sequences, estimatedBytes }: Loaded,
  settings: LoadSettings,
): LoadedInfo {
  return {
    id: basename(settings.file).replace(/\.gguf$/i, ''),
    file: settings.file,
    architecture: file.architecture,
    sizeBytes: file.sizeBytes,
    parameters: file.insights.totalParameters,
    contextTokens,
    trainContextTokens: file.insights.trainContextSize,
    sequences: settings.role === 'generate' ? sequences : 1,
    dimensions: settings.role === 'embed' ? model.embeddingVectorSize : undefined,
    threads: settings.threads,
    device: {
      kind: engine.kind,
      name: engine.deviceName,
      gpuLayers: model.gpuLayers,
      software: engine.software,
      reason: engine.reason,
      estimatedBytes,
    },
  };
}
