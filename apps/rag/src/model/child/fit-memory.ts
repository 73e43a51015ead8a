import type { GgufInsights } from 'node-llama-cpp';

export interface FitOptions {
  readonly insights: GgufInsights;
  readonly budgetBytes: number;
  readonly contextTokens: number;
  readonly sequences: number;
  readonly batchTokens: number;
  readonly gpuLayers: number;
}

export interface Fit {
  readonly contextTokens: number;
  readonly sequences: number;
  readonly estimatedBytes: number;
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
  const { insights, budgetBytes, gpuLayers } = options;
  const model = await insights.estimateModelResourceRequirementsV2({ gpuLayers });
  let smallest = 0;
  for (const { contextTokens, sequences } of candidates(options)) {
    const context = await insights.estimateContextResourceRequirementsV2({
      contextSize: contextTokens,
      sequences,
      modelGpuLayers: gpuLayers,
      batchSize: options.batchTokens + sequences,
    });
    const estimatedBytes = model.cpuRam + context.cpuRam + PROCESS_BYTES;
    if (estimatedBytes <= budgetBytes) return { contextTokens, sequences, estimatedBytes };
    smallest = estimatedBytes;
  }
  return { neededBytes: smallest };
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
