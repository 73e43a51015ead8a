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

/**
 * The largest context and number of sequences that fit into the budget, at most those asked for: the number of
 * sequences is reduced first, then the context.
 *
 * @throws {MemoryShortage} when the smallest does not fit
 */
export async function fitMemory(
  options: EstimateOptions & { readonly budgetBytes: number },
): Promise<MemoryFit> {
  let neededBytes = 0;
  for (const size of contextSizes(options)) {
    const estimate = await estimateMemory({ ...options, ...size });
    if (estimate.estimatedBytes <= options.budgetBytes) return { ...size, ...estimate };
    neededBytes = estimate.estimatedBytes;
  }
  throw new MemoryShortage(neededBytes, options.budgetBytes);
}

export async function estimateMemory(options: EstimateOptions): Promise<Estimate> {
  const { insights, contextTokens, sequences, batchTokens, gpuLayers } = options;
  const [model, context] = await Promise.all([
    insights.estimateModelResourceRequirementsV2({ gpuLayers }),
    insights.estimateContextResourceRequirementsV2({
      contextSize: contextTokens,
      sequences,
      modelGpuLayers: gpuLayers,
      batchSize: batchTokens + sequences,
    }),
  ]);
  return {
    estimatedBytes: model.cpuRam + context.cpuRam + PROCESS_BYTES,
    deviceBytes: model.gpuVram + context.gpuVram,
  };
}

/** Node, the library and its compute buffers. */
const PROCESS_BYTES = 96 * 2 ** 20;
const SMALLEST_CONTEXT = 1024;

function* contextSizes({ contextTokens, sequences, insights }: EstimateOptions) {
  const longest = Math.min(contextTokens, insights.trainContextSize ?? contextTokens);
  for (let tokens = longest; ; tokens = Math.max(SMALLEST_CONTEXT, Math.floor(tokens / 2))) {
    for (let n = sequences; n >= 1; n = Math.floor(n / 2)) yield { contextTokens: tokens, sequences: n };
    if (tokens <= SMALLEST_CONTEXT) return;
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
