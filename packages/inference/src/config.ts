import { join } from 'node:path';
import { type ObjectStore, objectStoreOf, objectStoreVariables } from '@xnai/object-store';
import { ConfigError, env } from '@xnai/service';
import { z } from 'zod';
import { type ModelSource, parseModelSource } from './files/model-source.ts';
import type { EmbedPrefixes, ModelRole, Priority } from './model.ts';
import { parseServers, type RemoteModel, type ServerAddress } from './server-address.ts';

export interface ModelsConfig {
  readonly sources: Readonly<Record<ModelRole, ModelSource>>;
  /** Servers that run a model for us. */
  readonly remote?: Readonly<Partial<Record<ModelRole, RemoteModel | undefined>>>;
  readonly directory: string;
  /** Of the model hub. */
  readonly endpoint: string;
  readonly objectStore: ObjectStore | undefined;
  readonly mayFetch: boolean;
  readonly threads: number | undefined;
  /** `auto`, `off`, or the index of a device. */
  readonly vulkan: 'auto' | 'off' | number;
  /** `GGML_VK_VISIBLE_DEVICES` as a person set it. */
  readonly visibleDevices: string | undefined;
  readonly contextTokens: number;
  readonly sequences: number;
  readonly queue?: Readonly<Record<Priority, number>>;
  readonly keptPrefixes: readonly string[];
  readonly lookupPrediction: boolean;
  /** Instead of those that the embedder's card asks for. */
  readonly embedPrefixes: Partial<EmbedPrefixes>;
}

/** Gives the best answers on 4 GiB; its plain attention allows the state of prompt beginnings to be kept. */
const DEFAULT_MODEL = 'hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF';

/** Small enough for any CPU; English. */
const DEFAULT_EMBEDDER = 'hf:CompendiumLabs/bge-small-en-v1.5-gguf:Q8_0';

/** Of embedders and rerankers: at their sizes a coarser one costs more quality than it saves. */
const READERS_QUANTIZATION = 'Q8_0';

/** The environment variables of the models. */
export const modelVariables = {
  /**
   * A path, an `hf:` or `s3:` URI, or `none`; with `RAG_GENERATE_URL` the name of the model there, or a local model that stands in.
   * Unset, it is a small model, or none where servers are named.
   */
  RAG_GENERATE_MODEL: source().optional(),
  /** Unset, it is a small model, or none where generation has none. */
  RAG_EMBED_MODEL: source().optional(),
  RAG_RERANK_MODEL: source().optional(),
  /** OpenAI-compatible servers, separated by commas. */
  RAG_GENERATE_URL: servers(),
  RAG_GENERATE_KEY: env.secret().optional(),
  RAG_EMBED_URL: servers(),
  RAG_EMBED_KEY: env.secret().optional(),
  RAG_RERANK_URL: servers(),
  RAG_RERANK_KEY: env.secret().optional(),
  /** Before each query, instead of what the model's card asks for; `none`, or a text in which `\n` is a line break. */
  RAG_EMBED_QUERY_PREFIX: prefix(),
  /** The same before each document. */
  RAG_EMBED_DOCUMENT_PREFIX: prefix(),
  /** Default: `models` in `XNAI_DATA_DIR`. */
  RAG_MODELS_DIR: env.text().optional(),
  /** `off` where another process fills the directory: the network is not used. */
  RAG_MODELS_FETCH: env.oneOf('auto', 'off').default('auto'),
  /** Without credentials, because logs and `/readyz` show it. */
  RAG_MODELS_ENDPOINT: env
    .url()
    .refine((url) => new URL(url).username === '', 'expected a URL without user name and password')
    .default('https://huggingface.co'),
  /** Where `s3:` URIs are fetched from. */
  ...objectStoreVariables,
  /** The file of the generator's repository that is used. */
  GGUF_QUANTIZATION: z
    .string()
    .trim()
    .regex(/^[\w.-]{1,32}$/, 'expected a quantization such as q4_0')
    .default('q4_0'),
  /** Default: the number of cores less one. */
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
  /** Requests that the model answers in parallel. Fewer when memory is short. */
  RAG_SEQUENCES: env.int(1, 64).default(4),
  /** Interactive requests that may wait for a sequence. */
  RAG_QUEUE: env.int(1, 10_000).default(16),
  /** Prompt-lookup decoding (speculative): faster where an answer quotes the prompt; elsewhere it predicts nothing. */
  RAG_LOOKUP_PREDICTION: env.flag().default(true),
};

type Variables = z.infer<z.ZodObject<typeof modelVariables>> & { readonly XNAI_DATA_DIR: string };

export function modelsConfig(vars: Variables): Omit<ModelsConfig, 'keptPrefixes'> {
  const { VULKAN_DEVICE_SELECT: device } = vars;
  const places = placesOf(vars);
  return {
    ...places,
    objectStore: storeOf(vars, places),
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
    embedPrefixes: prefixesOf(vars),
  };
}

/** Undefined where none is named, and none is needed. */
function storeOf(vars: Variables, { sources }: Pick<ModelsConfig, 'sources'>): ObjectStore | undefined {
  const store = objectStoreOf(vars);
  const needing = Object.entries(sources).find(([, { kind }]) => kind === 'object');
  if (store !== undefined || needing === undefined || vars.RAG_MODELS_FETCH === 'off') return store;
  const name = `RAG_${needing[0].toUpperCase()}_MODEL`;
  throw new ConfigError([`XNAI_S3_ENDPOINT is missing: the s3: URI in ${name} needs it`]);
}

/** Where the models are: on servers, in files here, or both, so that a file stands in for the servers. */
function placesOf(vars: Variables): Pick<ModelsConfig, 'sources' | 'remote'> {
  const generate = placeOf(vars.RAG_GENERATE_MODEL, vars.RAG_GENERATE_URL, DEFAULT_MODEL);
  const withoutEmbedder = generate.file === 'none' && vars.RAG_GENERATE_URL === undefined;
  const embed = placeOf(
    vars.RAG_EMBED_MODEL,
    vars.RAG_EMBED_URL,
    withoutEmbedder ? 'none' : DEFAULT_EMBEDDER,
  );
  const rerank = placeOf(vars.RAG_RERANK_MODEL, vars.RAG_RERANK_URL, 'none');
  const remote = {
    generate: generate.servers && { servers: generate.servers, key: vars.RAG_GENERATE_KEY },
    embed: embed.servers && { servers: embed.servers, key: vars.RAG_EMBED_KEY },
    rerank: rerank.servers && { servers: rerank.servers, key: vars.RAG_RERANK_KEY },
  };
  return {
    sources: {
      generate: parseModelSource(generate.file, vars.GGUF_QUANTIZATION),
      embed: parseModelSource(embed.file, READERS_QUANTIZATION),
      rerank: parseModelSource(rerank.file, READERS_QUANTIZATION),
    },
    remote,
  };
}

/** With servers, a text that is no `hf:` or `s3:` URI and no path of a GGUF file is the name of the model there. */
function placeOf(
  model: string | undefined,
  servers: readonly ServerAddress[] | undefined,
  byDefault: string,
) {
  if (servers === undefined) return { file: model ?? byDefault };
  if (model === undefined || LOCAL.test(model)) return { file: model ?? 'none', servers };
  return { file: 'none', servers: servers.map((server) => ({ model, ...server })) };
}

const LOCAL = /^(?:hf:|s3:|\.{0,2}\/|none$)|\.gguf$/i;

/** Like a single URL, it may hold a password that does not belong there: it is not repeated. */
function servers() {
  return env
    .secret()
    .transform((text, context) => {
      try {
        return parseServers(text);
      } catch (error) {
        context.issues.push({ code: 'custom', message: (error as Error).message, input: text });
        return z.NEVER;
      }
    })
    .optional();
}

function prefix() {
  return env
    .text()
    .transform((text) => (text === 'none' ? '' : text.replaceAll('\\n', '\n')))
    .optional();
}

function prefixesOf({
  RAG_EMBED_QUERY_PREFIX: query,
  RAG_EMBED_DOCUMENT_PREFIX: document,
}: Variables): Partial<EmbedPrefixes> {
  return { ...(query === undefined ? {} : { query }), ...(document === undefined ? {} : { document }) };
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
