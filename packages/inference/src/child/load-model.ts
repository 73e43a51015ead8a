import { basename } from 'node:path';
import { InputLookupTokenPredictor, type LlamaModel } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import type { Event, LoadedInfo, LoadSettings } from '../process/ipc.ts';
import { inBatchOrder } from './batch-order.ts';
import { createEmbedModel } from './embed.ts';
import { createEngineComplaint, type EngineComplaint } from './engine-complaint.ts';
import { estimateMemory, type Fit, fitMemory, megabytes } from './fit-memory.ts';
import { generate } from './generate.ts';
import { type InspectedFile, inspectFile } from './inspect-file.ts';
import type { LoadedModel } from './loaded-model.ts';
import { type Engine, openCpu, openEngine } from './open-engine.ts';
import { createPrompter } from './prompt-tokens.ts';
import { createRerankModel } from './rerank.ts';
import { createRounds } from './rounds.ts';
import { createSequencePool } from './sequence-pool.ts';

export type Report = (event: Event) => void;

interface Load {
  readonly settings: LoadSettings;
  readonly report: Report;
  readonly complaint: EngineComplaint;
}

/** Brings a model into memory, or says in one sentence why that cannot be (`MODEL_UNUSABLE`). */
export async function loadModel(settings: LoadSettings, report: Report): Promise<LoadedModel> {
  const complaint = createEngineComplaint();
  const load = { settings, report, complaint };
  const options = {
    ...settings,
    log(level: (Event & { type: 'log' })['level'], message: string) {
      complaint.hear(message);
      report({ type: 'log', level, message });
    },
  };
  const engine = await openEngine(options);
  if (engine.kind === 'cpu') return onCpu(engine, load);
  const refusal = await onDevice(engine, load);
  if (typeof refusal !== 'string') return refusal;
  await engine.llama.dispose();
  report({ type: 'log', level: 'warn', message: refusal });
  return onCpu(await openCpu(options, refusal), load);
}

async function onCpu(engine: Engine, load: Load): Promise<LoadedModel> {
  try {
    return await open(await loadOn(engine, load), load);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    const reason = await load.complaint.explain(cause);
    const detail = `${basename(load.settings.file)} could not be loaded: ${reason}`;
    throw new ModelError('MODEL_UNUSABLE', { detail, cause });
  }
}

/** The model on a GPU, or why it is not there. A file that is no use on any device is thrown. */
async function onDevice(engine: Engine, load: Load): Promise<LoadedModel | string> {
  try {
    const loaded = await loadOn(engine, load);
    if (loaded.model.gpuLayers === 0) return `no layer of the model fits on ${engine.deviceName}`;
    return await open(loaded, load);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    return `${engine.deviceName} cannot hold the model: ${await load.complaint.explain(error)}`;
  }
}

interface Loaded extends Fit {
  readonly engine: Engine;
  readonly model: LlamaModel;
  readonly file: InspectedFile;
}

async function loadOn(engine: Engine, { settings, report }: Load): Promise<Loaded> {
  const file = await inspectFile(engine.llama, settings.file, settings.role);
  const fit = await chooseFit(file, engine, { settings, report });
  const model = await engine.llama.loadModel({
    modelPath: settings.file,
    onLoadProgress: (progress) => report({ type: 'loading', progress }),
    ...(engine.kind === 'cpu'
      ? // The memory was estimated above against the container's limit; the library knows only the host's.
        { gpuLayers: 0, ignoreMemorySafetyChecks: true }
      : // As many layers as leave room on the device for the context, of which the library counts one sequence.
        { gpuLayers: { fitContext: { contextSize: fit.contextTokens * fit.sequences } } }),
  });
  const { insights } = file;
  const { gpuLayers } = model;
  // How many layers lie on the device is known only now.
  const estimate = await estimateMemory({ ...fit, insights, batchTokens: BATCH_TOKENS, gpuLayers });
  return { engine, model, file, ...fit, ...estimate };
}

async function chooseFit(
  { insights }: InspectedFile,
  { kind }: Engine,
  { settings, report }: Pick<Load, 'settings' | 'report'>,
): Promise<Fit> {
  const { role, memoryBudgetBytes, contextTokens, sequences } = settings;
  const fit = await fitMemory({
    insights,
    budgetBytes: memoryBudgetBytes,
    contextTokens,
    sequences,
    batchTokens: BATCH_TOKENS,
    gpuLayers: kind === 'cpu' ? 0 : insights.totalLayers,
  });
  if ('neededBytes' in fit) {
    const [needed, free] = [megabytes(fit.neededBytes), megabytes(memoryBudgetBytes)];
    report({ type: 'short-of-memory', neededBytes: fit.neededBytes });
    throw new ModelError('MODEL_UNUSABLE', {
      detail: `the model needs ${needed} with the smallest context, ${free} are free for it`,
    });
  }
  const isLess = fit.contextTokens < contextTokens || fit.sequences < sequences;
  if (role === 'generate' && isLess) {
    const message = `${fit.sequences} x ${fit.contextTokens} tokens of context instead of ${sequences} x ${contextTokens}: that is what the model was trained on, or what fits into memory`;
    report({ type: 'log', level: 'warn', message });
  }
  return fit;
}

async function open(loaded: Loaded, load: Load): Promise<LoadedModel> {
  const { settings } = load;
  const fitted = { ...settings, contextTokens: loaded.contextTokens };
  switch (settings.role) {
    case 'generate':
      return openGenerator(loaded, load);
    case 'embed':
      return createEmbedModel(loaded.model, fitted, info(loaded, settings));
    case 'rerank':
      return createRerankModel(loaded.model, fitted, info(loaded, settings));
  }
}

async function openGenerator(loaded: Loaded, { settings, report }: Load): Promise<LoadedModel> {
  const { model, contextTokens, sequences } = loaded;
  const prompter = createPrompter(model, (message) => report({ type: 'log', level: 'warn', message }));
  const prefixes = settings.keptPrefixes.map((text) => prompter.prefixTokens(text));
  checkRoom(prefixes, loaded);
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
  for (const prefix of prefixes) await pool.keep(prefix, settings.stateDirectory);
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

/** An answer needs room behind the instructions. */
function checkRoom(prefixes: readonly (readonly unknown[])[], { contextTokens }: Loaded): void {
  const longest = Math.max(0, ...prefixes.map(({ length }) => length));
  if (longest + LEAST_TOKENS <= contextTokens) return;
  throw new ModelError('MODEL_UNUSABLE', {
    detail: `a context of ${contextTokens} tokens is too short: the instructions alone take ${longest}`,
  });
}

const LEAST_TOKENS = 32;

/** Small enough that an abort, a deadline or another request waits well under a second on a CPU. */
const BATCH_TOKENS = 128;

function info(
  { engine, model, file, contextTokens, sequences, estimatedBytes, deviceBytes }: Loaded,
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
      deviceBytes,
    },
  };
}
