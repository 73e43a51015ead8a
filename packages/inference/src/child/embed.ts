import type { LlamaModel } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import type { LoadedInfo, LoadSettings } from '../process/ipc.ts';
import type { LoadedModel } from './loaded-model.ts';
import { shareCores } from './share-cores.ts';

/** One text after the other: the library's embedding context holds a single sequence. */
export async function createEmbedModel(
  model: LlamaModel,
  { contextTokens, threads }: LoadSettings,
  info: LoadedInfo,
): Promise<LoadedModel> {
  const context = await model.createEmbeddingContext({
    contextSize: contextTokens,
    batchSize: contextTokens,
    threads,
    ignoreMemorySafetyChecks: true,
  });
  return {
    info,
    share: (isShared) => shareCores(model, isShared),
    async run(call, { signal, reply }) {
      if (call.kind !== 'embed') throw new TypeError(`an embedding model takes no ${call.kind} calls`);
      const lengths = call.texts.map((text) => context.calculateInputLength(text));
      refuseTooLong(lengths, contextTokens);
      const vectors: Float32Array[] = [];
      for (const text of call.texts) {
        if (signal.aborted) return reply({ kind: 'aborted' });
        vectors.push(unit((await context.getEmbeddingFor(text)).vector));
        reply({ kind: 'progress' });
      }
      reply({ kind: 'vectors', vectors, tokens: lengths.reduce((sum, n) => sum + n, 0) });
    },
  };
}

function refuseTooLong(lengths: readonly number[], contextTokens: number): void {
  const index = lengths.findIndex((length) => length >= contextTokens);
  if (index === -1) return;
  throw new ModelError('PROMPT_TOO_LONG', {
    detail: `input ${index} has ${lengths[index]} tokens, the embedding model takes ${contextTokens - 1}`,
  });
}

function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return Float32Array.from(vector, (x) => x / length);
}
