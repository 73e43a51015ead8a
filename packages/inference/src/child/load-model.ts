import { basename } from 'node:path';
import type { LlamaModel, LlamaModelOptions } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import { describeEmbedding } from './describe-embedding.ts';
import { createEngineComplaint, type EngineComplaint } from './engine-complaint.ts';
import {
  CPU_BATCH_TOKENS,
  checkDeviceRoom,
  chooseBatchTokens,
  DeviceFull,
  estimateMemory,
  fitMemory,
  type MemoryFit,
  mebibytes,
} from './fit-memory.ts';
import { createGenerationModel } from './generation-model.ts';
import { type InspectedFile, inspectFile } from './inspect-file.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { ChildEvent, LoadedInfo, LoadSettings, LogLevel } from './messages.ts';
import { type Engine, openCpu, openEngine, StartAgain } from './open-engine.ts';
import { MeaninglessModel, probeModel } from './probe-model.ts';
import { createEmbedModel, createRerankModel } from './reading-models.ts';
import { warmUpReading } from './warm-up.ts';

interface LoadContext {
  readonly settings: LoadSettings;
  readonly report: (event: ChildEvent) => void;
  readonly log: (level: LogLevel, message: string) => void;
  readonly complaint: EngineComplaint;
}

/**
 * Brings a model into memory, on a GPU when there is one that can hold it.
 *
 * @throws {ModelError} MODEL_UNUSABLE when the file cannot be loaded, with a sentence that says why
 * @throws {StartAgain} when the CPU would compute in a process that was started to compute on a device
 */
export async function loadModel(
  settings: LoadSettings,
  report: (event: ChildEvent) => void,
): Promise<LoadedModel> {
  const complaint = createEngineComplaint();
  const log = (level: LogLevel, message: string) => {
    complaint.hear(message);
    report({ type: 'log', level, message });
  };
  const load = { settings, report, log, complaint };
  const engine = await openEngine({ ...settings, log });
  if (engine.kind === 'cpu') return onCpu(engine, load);
  const refusal = await onDevice(engine, load);
  if (typeof refusal !== 'string') return refusal;
  await engine.llama.dispose();
  log('warn', refusal);
  return onCpu(await openCpu({ ...settings, log }, refusal), load);
}

async function onCpu(engine: Engine, load: LoadContext): Promise<LoadedModel> {
  try {
    return await open(await loadOn(engine, load), load);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    const reason = await load.complaint.explain(cause);
    const detail = `${basename(load.settings.file)} could not be loaded: ${reason}`;
    throw new ModelError('MODEL_UNUSABLE', { detail, cause });
  }
}

/** The model on a GPU, or the reason why it is not there. An error of a file that no device can use is thrown. */
async function onDevice(engine: Engine, load: LoadContext): Promise<LoadedModel | string> {
  try {
    const { free } = await engine.llama.getVramState();
    const loaded = await loadOn(engine, load);
    if (loaded.model.gpuLayers > 0) return await open(loaded, load);
    return `no layer of the model fits on ${engine.deviceName}, where ${mebibytes(free)} are free`;
  } catch (error) {
    if (error instanceof MeaninglessModel) return `${engine.deviceName} computes nonsense: ${error.message}`;
    if (error instanceof ModelError || error instanceof StartAgain) throw error;
    if (error instanceof DeviceFull) return `${engine.deviceName} is full: ${error.message}`;
    return `${engine.deviceName} cannot hold the model: ${await load.complaint.explain(error)}`;
  }
}

interface LoadedFile extends MemoryFit {
  readonly engine: Engine;
  readonly model: LlamaModel;
  readonly file: InspectedFile;
  readonly batchTokens: number;
  readonly threads: number;
}

async function loadOn(engine: Engine, load: LoadContext): Promise<LoadedFile> {
  const { settings, report } = load;
  const file = await inspectFile(engine.llama, settings.file, settings.role);
  const fit = await chooseFit(file, engine, load);
  const model = await engine.llama.loadModel({
    modelPath: settings.file,
    onLoadProgress: (progress) => report({ type: 'loading', progress }),
    ...(await placeLayers(engine, file, { ...fit, role: settings.role })),
  });
  // The number of layers on the device is known only after loading.
  const { gpuLayers } = model;
  const { insights } = file;
  if (gpuLayers > 0 && gpuLayers < insights.totalLayers && settings.poolThreads > 1) throw new StartAgain();
  const size = { ...fit, insights, gpuLayers };
  const batchTokens =
    engine.kind === 'cpu'
      ? CPU_BATCH_TOKENS
      : await chooseBatchTokens(size, (await engine.llama.getVramState()).free);
  const estimate = await estimateMemory({ ...size, batchTokens });
  // With all layers on the device the threads would only wait, and the engine's threads wait by spinning.
  const threads = gpuLayers < insights.totalLayers ? settings.threads : 1;
  return { engine, model, file, batchTokens, threads, ...fit, ...estimate };
}

async function placeLayers(
  { kind, llama }: Engine,
  { insights }: InspectedFile,
  { role, contextTokens, sequences }: MemoryFit & Pick<LoadSettings, 'role'>,
): Promise<Pick<LlamaModelOptions, 'gpuLayers' | 'ignoreMemorySafetyChecks'>> {
  // The memory was estimated before against the container's limit; the library knows only the host's.
  if (kind === 'cpu') return { gpuLayers: 0, ignoreMemorySafetyChecks: true };
  // As many layers as leave room on the device for the context; the library counts one sequence of it.
  if (role === 'generate') return { gpuLayers: { fitContext: { contextSize: contextTokens * sequences } } };
  // Small models go there whole or not at all. Their longest text is one batch.
  const size = { contextTokens, sequences, batchTokens: contextTokens, gpuLayers: insights.totalLayers };
  const { deviceBytes } = await estimateMemory({ insights, ...size });
  checkDeviceRoom(deviceBytes, (await llama.getVramState()).free);
  return { gpuLayers: 'max', ignoreMemorySafetyChecks: true };
}

async function chooseFit(
  { insights }: InspectedFile,
  { kind }: Engine,
  { settings, log }: LoadContext,
): Promise<MemoryFit> {
  const { role, memoryBudgetBytes, contextTokens, sequences } = settings;
  const fit = await fitMemory({
    insights,
    budgetBytes: memoryBudgetBytes,
    contextTokens,
    sequences,
    // What an embedder cannot read is not tried again when there is more memory.
    wholeContext: role === 'embed',
    batchTokens: CPU_BATCH_TOKENS,
    gpuLayers: kind === 'cpu' ? 0 : insights.totalLayers,
  });
  const isLess = fit.contextTokens < contextTokens || fit.sequences < sequences;
  if (role === 'generate' && isLess) {
    const [given, asked] = [fit, settings].map((size) => `${size.sequences} x ${size.contextTokens}`);
    const why = 'the model was trained on no more, or no more fits into memory';
    log('warn', `${given} tokens of context instead of ${asked}: ${why}`);
  }
  return fit;
}

async function open(loaded: LoadedFile, { settings, log }: LoadContext): Promise<LoadedModel> {
  const { model, contextTokens, sequences, batchTokens, threads } = loaded;
  const fitted = { ...settings, contextTokens, sequences, batchTokens, threads };
  const info = await describe(loaded, settings);
  switch (settings.role) {
    case 'generate':
      return createGenerationModel(model, fitted, { info, warn: (message) => log('warn', message) });
    case 'embed':
      return warmUpReading(await probeModel(await createEmbedModel(model, fitted, info)), (text) => ({
        kind: 'embed',
        texts: [text],
        prefix: '',
        onOverflow: 'refuse',
      }));
    case 'rerank':
      return warmUpReading(await probeModel(await createRerankModel(model, fitted, info)), (text) => ({
        kind: 'rerank',
        query: 'a',
        texts: [text],
      }));
  }
}

async function describe(
  { engine, model, file, contextTokens, sequences, threads, estimatedBytes, deviceBytes }: LoadedFile,
  settings: LoadSettings,
): Promise<LoadedInfo> {
  return {
    id: file.name.replace(/\.gguf$/i, ''),
    file: settings.file,
    architecture: file.architecture,
    sizeBytes: file.sizeBytes,
    parameters: file.insights.totalParameters,
    contextTokens,
    trainContextTokens: file.insights.trainContextSize,
    sequences: settings.role === 'generate' ? sequences : 1,
    dimensions: settings.role === 'embed' ? model.embeddingVectorSize : undefined,
    embedding: settings.role === 'embed' ? await describeEmbedding(file, settings) : undefined,
    threads,
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
