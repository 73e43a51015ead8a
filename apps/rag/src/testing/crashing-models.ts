import type { ModelRole, RoleProcess } from '@xnai/inference';
import {
  createLlamaEmbedder,
  createLlamaGenerator,
  createLlamaReranker,
  createModelMetrics,
  ModelError,
} from '@xnai/inference';
import type { OpenBreakers } from '../breakers.ts';
import type { RagModels } from '../open.ts';

/** For tests: models as they are, over processes that say they are ready and end at every question. */
export function createCrashingModels(
  registry: OpenBreakers['registry'],
  questions: Record<ModelRole, number>,
): RagModels {
  const using = (role: ModelRole) => ({
    process: createProcess(role, questions),
    breaker: registry.get(role),
    onRefusal: () => undefined,
    onBusy: () => undefined,
  });
  return {
    generator: createLlamaGenerator({ ...using('generate'), metrics: createModelMetrics() }),
    embedder: createLlamaEmbedder(using('embed')),
    reranker: createLlamaReranker(using('rerank')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function createProcess(role: ModelRole, questions: Record<ModelRole, number>): RoleProcess {
  return {
    state: () => ({ status: 'ready', detail: 'for a test' }),
    info: () => INFO,
    onReady: () => undefined,
    share: () => undefined,
    call(_call, onReply) {
      questions[role] += 1;
      queueMicrotask(() => onReply({ kind: 'failed', code: 'MODEL_CRASHED', detail: 'it ended' }));
      return { abort: () => undefined };
    },
    async ask(call) {
      // Tokens are counted before anything is generated.
      if (call.kind === 'count') return { kind: 'counts', counts: call.texts.map(() => 10) };
      if (call.kind === 'count-prompt') return { kind: 'counts', counts: [10] };
      questions[role] += 1;
      throw new ModelError('MODEL_CRASHED');
    },
  };
}

const INFO = {
  id: 'crashing',
  file: '/dev/null',
  architecture: 'none',
  sizeBytes: 0,
  parameters: undefined,
  contextTokens: 2048,
  trainContextTokens: undefined,
  sequences: 1,
  dimensions: 4,
  threads: 1,
  device: {
    kind: 'cpu',
    name: 'none',
    gpuLayers: 0,
    software: false,
    reason: '',
    estimatedBytes: 0,
    deviceBytes: 0,
  },
  loadedAt: new Date(0),
} as const;
