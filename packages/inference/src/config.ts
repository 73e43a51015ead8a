import { join } from 'node:path';
import { env } from '@xnai/service';
import { z } from 'zod';
import { parseModelSource } from './files/model-source.ts';
import type { ModelsConfig } from './models-config.ts';

/** The best answers for its size on 4 GiB; plain attention, so that the state of prompt beginnings can be kept. */
const DEFAULT_MODEL = 'hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF';

/** The environment that models are configured by. */
export const modelVariables = {
  /** A path, an `hf:` URI, or `none`. */
  RAG_GENERATE_MODEL: source().default(DEFAULT_MODEL),
  RAG_EMBED_MODEL: source().default('none'),
  RAG_RERANK_MODEL: source().default('none'),
  /** Default: `models` in `XNAI_DATA_DIR`. */
  RAG_MODELS_DIR: env.text().optional(),
  /** `off` where another process fills the directory: then nothing is asked of the network. */
  RAG_MODELS_FETCH: env.oneOf('auto', 'off').default('auto'),
  /** Without credentials: it stands in logs and in `/readyz`. */
  RAG_MODELS_ENDPOINT: env
    .url()
    .refine((url) => new URL(url).username === '', 'expected a URL without user name and password')
    .default('https://huggingface.co'),
  /** Which file of a model repository is taken. */
  GGUF_QUANTIZATION: z
    .string()
    .trim()
    .regex(/^[\w.-]{1,32}$/, 'expected a quantization such as q4_0')
    .default('q4_0'),
  /** Default: one less than the cores there are. */
  INFERENCE_THREADS: env.int(1, 1024).optional(),
  VULKAN_DEVICE_SELECT: z
    .string()
    .trim()
    .regex(/^(auto|off|\d{1,2})$/, 'expected auto, off or the index of a device')
    .default('auto'),
  /** Read by the Vulkan backend itself; allows software devices. */
  GGML_VK_VISIBLE_DEVICES: env.text().optional(),
  /** Tokens of one prompt and its answer. Fewer when memory is short. */
  RAG_CONTEXT_TOKENS: env.int(1024, 131_072).default(4096),
  /** Requests that the model answers side by side. Fewer when memory is short. */
  RAG_SEQUENCES: env.int(1, 64).default(4),
  /** Interactive requests that may wait for a sequence. */
  RAG_QUEUE: env.int(1, 10_000).default(16),
  /** Guess the next words from the prompt: helps answers that quote, costs others about 5 %. */
  RAG_LOOKUP_PREDICTION: env.flag().default(false),
};

type Variables = z.infer<z.ZodObject<typeof modelVariables>> & { readonly XNAI_DATA_DIR: string };

export function modelsConfig(vars: Variables): Omit<ModelsConfig, 'keptPrefixes'> {
  const sourceOf = (text: string) => parseModelSource(text, vars.GGUF_QUANTIZATION);
  const { VULKAN_DEVICE_SELECT: device } = vars;
  return {
    sources: {
      generate: sourceOf(vars.RAG_GENERATE_MODEL),
      embed: sourceOf(vars.RAG_EMBED_MODEL),
      rerank: sourceOf(vars.RAG_RERANK_MODEL),
    },
    directory: vars.RAG_MODELS_DIR ?? join(vars.XNAI_DATA_DIR, 'models'),
    endpoint: vars.RAG_MODELS_ENDPOINT.replace(/\/+$/, ''),
    mayFetch: vars.RAG_MODELS_FETCH === 'auto',
    threads: vars.INFERENCE_THREADS,
    vulkan: device === 'auto' || device === 'off' ? device : Number(device),
    visibleDevices: vars.GGML_VK_VISIBLE_DEVICES,
    contextTokens: vars.RAG_CONTEXT_TOKENS,
    sequences: vars.RAG_SEQUENCES,
    queue: { interactive: vars.RAG_QUEUE, background: vars.RAG_QUEUE * 4 },
    lookupPrediction: vars.RAG_LOOKUP_PREDICTION,
  };
}

function source() {
  return env.text().superRefine((text, context) => {
    try {
      parseModelSource(text, 'q4_0');
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });
}
