import type { Deadline } from '@xnai/resilience';
import type { ModelError } from './model-error.ts';

/** `fetching`: the file is on its way. `loading`: in memory soon. `down`: it failed; `detail` says why. */
export type ModelStatus = 'absent' | 'fetching' | 'loading' | 'ready' | 'down';

export interface ModelState {
  readonly status: ModelStatus;
  /** One sentence for `/readyz` and for error details; no secrets, no user text. */
  readonly detail: string;
  /** From 0 to 1, while `fetching` or `loading`. */
  readonly progress?: number;
}

export interface ModelInfo {
  /** What clients call the model: its file name without `.gguf`. */
  readonly id: string;
  readonly file: string;
  readonly architecture: string;
  readonly sizeBytes: number;
  readonly parameters: number | undefined;
  /** Tokens that one request may use, prompt and answer together. */
  readonly contextTokens: number;
  readonly trainContextTokens: number | undefined;
  /** Requests that run side by side. */
  readonly sequences: number;
  /** Length of an embedding vector. */
  readonly dimensions: number | undefined;
  readonly threads: number;
  readonly device: ModelDevice;
  readonly loadedAt: Date;
}

export interface ModelDevice {
  readonly kind: 'cpu' | 'vulkan';
  /** As the driver names it; for a CPU the reason why no GPU is used stands in `reason`. */
  readonly name: string;
  readonly gpuLayers: number;
  readonly software: boolean;
  readonly reason: string;
  /** Of the model's process, in the machine's own memory. */
  readonly estimatedBytes: number;
  /** On the GPU. */
  readonly deviceBytes: number;
}

/** What every model port answers without waiting, in each state. */
export interface ModelPort {
  state(): ModelState;
  /** Known once the model is `ready`, and kept while its process restarts. */
  info(): ModelInfo | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** A call that cannot be finished in time is refused early with `DEADLINE_EXCEEDED`. */
  readonly deadline?: Deadline | undefined;
  /** Interactive calls go ahead of background ones. `interactive` by default. */
  readonly priority?: Priority | undefined;
}

export type Priority = 'interactive' | 'background';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** `chat` goes through the model's own template; `text` is continued as it is. Special tokens in either are plain text. */
export type Prompt =
  | { readonly kind: 'chat'; readonly messages: readonly ChatMessage[] }
  | { readonly kind: 'text'; readonly text: string };

export interface GenerateRequest {
  readonly prompt: Prompt;
  /** The rest of the context when undefined. */
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly minP?: number | undefined;
  readonly seed?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  /** A JSON schema, or `{}` for any JSON; the output is held to it by a grammar. */
  readonly jsonSchema?: Readonly<Record<string, unknown>> | undefined;
}

export interface GenerateUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Prompt tokens that were still in the state of the sequence. */
  readonly cachedTokens: number;
}

export interface GenerateTimings {
  readonly queueMs: number;
  /** Evaluation of the uncached part of the prompt. */
  readonly promptMs: number;
  /** From the first token on. */
  readonly predictedMs: number;
  /** From the call to the first token, queue included. */
  readonly firstTokenMs: number;
}

export type GenerateEvent =
  | { readonly type: 'token'; readonly text: string }
  | {
      readonly type: 'done';
      readonly finish: 'stop' | 'length';
      readonly usage: GenerateUsage;
      readonly timings: GenerateTimings;
    };

export interface Generator extends ModelPort {
  /**
   * Streams the answer; the last event is always `done`. Breaking out of the loop or aborting `signal` stops the
   * model within one batch. Throws {@link ModelError}: `MODEL_NOT_READY`, `OVERLOADED`, `DEADLINE_EXCEEDED`,
   * `PROMPT_TOO_LONG`, `INVALID_GRAMMAR`, `MODEL_CRASHED`, `BREAKER_OPEN`; and the signal's reason when aborted.
   */
  generate(request: GenerateRequest, options?: CallOptions): AsyncIterable<GenerateEvent>;
  /** Tokens of each text as plain text, by the model's own tokenizer. */
  countTokens(texts: readonly string[], options?: CallOptions): Promise<readonly number[]>;
  /** Tokens of the whole prompt as it would be sent, the template's own included. */
  countPrompt(prompt: Prompt, options?: CallOptions): Promise<number>;
  /** How long a new interactive request would wait for its turn. */
  estimateWaitMs(): number;
}

export interface EmbedResult {
  /** One unit-length vector per text. */
  readonly vectors: readonly Float32Array[];
  readonly tokens: number;
}

/** Chooses the prefix that asymmetric models want; `plain` adds none. */
export type TextKind = 'query' | 'document' | 'plain';

export interface Embedder extends ModelPort {
  /** Throws {@link ModelError}. */
  embed(texts: readonly string[], kind: TextKind, options?: CallOptions): Promise<EmbedResult>;
}

export interface RerankResult {
  /** One score from 0 to 1 per text, in the order of the texts. */
  readonly scores: readonly number[];
  readonly tokens: number;
}

export interface Reranker extends ModelPort {
  /** Throws {@link ModelError}; when the deadline cuts the work, `DEADLINE_EXCEEDED`. */
  rerank(query: string, texts: readonly string[], options?: CallOptions): Promise<RerankResult>;
}

/** The three models of a replica; each may be absent. */
export interface Models {
  readonly generator: Generator;
  readonly embedder: Embedder;
  readonly reranker: Reranker;
}
