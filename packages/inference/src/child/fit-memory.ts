import type { GgufInsights } from 'node-llama-cpp';

export interface EstimateOptions {
  readonly insights: GgufInsights;
  readonly contextTokens: number;
  readonly sequences: number;
  readonly batchTokens: number;
  readonly gpuLayers: number;
}

/** What a model takes together with its context. */
export interface Estimate {
  /** Of this process, in the machine's own memory. */
  readonly estimatedBytes: number;
  /** On the GPU. */
  readonly deviceBytes: number;
}

export interface FitOptions extends EstimateOptions {
  readonly budgetBytes: number;
}

export interface Fit extends Estimate {
  readonly contextTokens: number;
  readonly sequences: number;
}

/** Even the smallest does not fit. */
export interface Shortage {
  readonly neededBytes: number;
}

/**
 * The largest context and number of sequences that fit into the budget, at most what is asked for: first fewer
 * sequences, then a shorter context.
 */
export async function fitMemory(options: FitOptions): Promise<Fit | Shortage> {
  let neededBytes = 0;
  for (const candidate of candidates(options)) {
    const estimate = await estimateMemory({ ...options, ...candidate });
    if (estimate.estimatedBytes <= options.budgetBytes) return { ...candidate, ...estimate };
    neededBytes = estimate.estimatedBytes;
  }
  return { neededBytes };
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

function* candidates({ contextTokens, sequences, insights }: FitOptions) {
  const longest = Math.min(contextTokens, insights.trainContextSize ?? contextTokens);
  for (let tokens = longest; ; tokens = Math.max(SMALLEST_CONTEXT, Math.floor(tokens / 2))) {
    for (let n = sequences; n >= 1; n = Math.floor(n / 2)) yield { contextTokens: tokens, sequences: n };
    if (tokens <= SMALLEST_CONTEXT) return;
  }
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
