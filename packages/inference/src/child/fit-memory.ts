import type { GgufInsights } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';

export interface EstimateOptions {
  readonly insights: GgufInsights;
  readonly contextTokens: number;
  readonly sequences: number;
  readonly batchTokens: number;
  readonly gpuLayers: number;
}

/** Memory of a model together with its context. */
export interface Estimate {
  /** Of this process, in main memory. */
  readonly estimatedBytes: number;
  /** On the GPU. */
  readonly deviceBytes: number;
}

export interface MemoryFit extends Estimate {
  readonly contextTokens: number;
  readonly sequences: number;
}

/** A model that does not fit with the smallest context; it would fit into `neededBytes`. */
export class MemoryShortage extends ModelError {
  readonly neededBytes: number;

  constructor(neededBytes: number, budgetBytes: number) {
    const [needed, free] = [mebibytes(neededBytes), mebibytes(budgetBytes)];
    const detail = `the model needs ${needed} with the smallest context, ${free} are free for it`;
    super('MODEL_UNUSABLE', { detail });
    this.neededBytes = neededBytes;
  }
}

/** A model does not fit into the free memory of a device. */
export class DeviceFull extends Error {}

/**
 * Checks that a model fits on a device with all of its layers.
 *
 * @throws {DeviceFull} with the figures, when it does not
 */
export function checkDeviceRoom(neededBytes: number, freeBytes: number): void {
  if (neededBytes <= usableOf(freeBytes)) return;
  const [needed, free] = [mebibytes(neededBytes), mebibytes(freeBytes)];
  throw new DeviceFull(`the model needs ${needed} of the device's memory, ${free} are free`);
}

export interface FitOptions extends EstimateOptions {
  readonly budgetBytes: number;
  /** The context is not reduced. */
  readonly wholeContext: boolean;
}

/**
 * The largest context and number of sequences that fit into the budget, at most those asked for: the number of
 * sequences is reduced first, then the context.
 *
 * @throws {MemoryShortage} when the smallest does not fit
 */
export async function fitMemory(options: FitOptions): Promise<MemoryFit> {
  let neededBytes = 0;
  for (const size of contextSizes(options)) {
    const estimate = await estimateMemory({ ...options, ...size });
    if (estimate.estimatedBytes <= options.budgetBytes) return { ...size, ...estimate };
    neededBytes = estimate.estimatedBytes;
  }
  throw new MemoryShortage(neededBytes, options.budgetBytes);
}

export async function estimateMemory(options: EstimateOptions): Promise<Estimate> {
  const { insights, gpuLayers } = options;
  const [model, context] = await Promise.all([
    insights.estimateModelResourceRequirementsV2({ gpuLayers }),
    estimateContext(options),
  ]);
  return {
    estimatedBytes: model.cpuRam + context.cpuRam + PROCESS_BYTES,
    deviceBytes: model.gpuVram + context.gpuVram,
  };
}

function estimateContext({ insights, contextTokens, sequences, batchTokens, gpuLayers }: EstimateOptions) {
  return insights.estimateContextResourceRequirementsV2({
    contextSize: contextTokens,
    sequences,
    modelGpuLayers: gpuLayers,
    batchSize: batchTokens + sequences,
  });
}

/**
 * The largest batch whose buffers fit on a device that already holds its layers of the model. Larger batches read prompts
 * faster, up to 512 tokens, llama.cpp's own default.
 */
export async function chooseBatchTokens(
  options: Omit<EstimateOptions, 'batchTokens'>,
  freeDeviceBytes: number,
): Promise<number> {
  for (const batchTokens of [512, 256]) {
    const { gpuVram } = await estimateContext({ ...options, batchTokens });
    if (gpuVram <= usableOf(freeDeviceBytes)) return batchTokens;
  }
  return CPU_BATCH_TOKENS;
}

/** Small enough that an abort, a deadline or another request waits well under a second on a CPU. */
export const CPU_BATCH_TOKENS = 128;

function usableOf(freeDeviceBytes: number): number {
  // Estimates are not exact, and the driver needs some.
  return freeDeviceBytes * 0.9;
}

/** Node, the library and its compute buffers. */
const PROCESS_BYTES = 96 * 2 ** 20;
const SMALLEST_CONTEXT = 1024;

function* contextSizes({ contextTokens, sequences, insights, wholeContext }: FitOptions) {
  const longest = Math.min(contextTokens, insights.trainContextSize ?? contextTokens);
  const shortest = wholeContext ? longest : SMALLEST_CONTEXT;
  for (let tokens = longest; ; tokens = Math.max(shortest, Math.floor(tokens / 2))) {
    for (let n = sequences; n >= 1; n = Math.floor(n / 2)) yield { contextTokens: tokens, sequences: n };
    if (tokens <= shortest) return;
  }
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
