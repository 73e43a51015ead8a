import type { BreakerState, Deadline } from '@xnai/resilience';

/** The three models that a replica runs, each in a process of its own. */
export type ModelRole = 'generate' | 'embed' | 'rerank';

/** `fetching`: the file is being downloaded. `loading`: the file is being read. `down`: it failed; `detail` says why. */
export type ModelStatus = 'absent' | 'fetching' | 'loading' | 'ready' | 'down';

export interface ModelState {
  readonly status: ModelStatus;
  /** One sentence for `/readyz` and for error details; no secrets, no user text. */
  readonly detail: string;
  /** From 0 to 1, while `fetching` or `loading`. */
  readonly progress?: number;
  /** A local model is used in place of the model servers. */
  readonly isStandIn?: boolean;
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
  /** Of an embedder. */
  readonly embedding?: EmbeddingInfo | undefined;
  readonly threads: number;
  readonly device: ModelDevice;
  readonly loadedAt: Date;
}

export interface EmbeddingInfo {
  readonly prefixes: EmbedPrefixes;
  /** Of the model file and both prefixes: vectors of different fingerprints cannot be compared. */
  readonly fingerprint: string;
}

/** What asymmetric models want before each text. */
export interface EmbedPrefixes {
  readonly query: string;
  readonly document: string;
}

export interface ModelDevice {
  readonly kind: 'cpu' | 'vulkan' | 'remote';
  /** The driver's name of it. */
  readonly name: string;
  readonly gpuLayers: number;
  readonly software: boolean;
  /** Why this device is used, for people. */
  readonly reason: string;
  /** Of the model's process, in main memory. */
  readonly estimatedBytes: number;
  /** On the GPU. */
  readonly deviceBytes: number;
}

/** The questions that every model port answers at once, in each state. */
export interface ModelPort {
  state(): ModelState;
  /** Known once the model is `ready`, and kept while its process restarts. */
  info(): ModelInfo | undefined;
  /** Of a model that is not run here. */
  servers?(): readonly ServerView[];
}

/** A server that runs a model for us. */
export interface ServerView {
  readonly url: string;
  /** Undefined until it is known. */
  readonly model: string | undefined;
  readonly status: 'ok' | 'starting' | 'down';
  /** Why it is down, or not asked now. */
  readonly detail: string | undefined;
  /** To the first word, or to the whole answer of one that writes none; a mean of the last calls. */
  readonly latencyMs: number | undefined;
  readonly breaker: BreakerState;
}

export interface ModelCallOptions {
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
  /** What an assistant called, and what came of it. */
  readonly calls?: readonly AnsweredCall[];
}

export interface AnsweredCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result: string;
}

/** A function that the model may call. */
export interface Tool {
  readonly name: string;
  readonly description?: string | undefined;
  /** A JSON schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * `chat` goes through the model's own template; `text` is continued as it is. Special tokens in either are plain text.
 * A chat that ends with an assistant without calls is continued within that message.
 */
export type Prompt =
  | { readonly kind: 'chat'; readonly messages: readonly ChatMessage[]; readonly tools?: readonly Tool[] }
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
  /** How the tools of the prompt are called; a grammar holds the calls to their schemas. */
  readonly calls?: CallRule | undefined;
  /** Lets a model whose template opens a thought think first. */
  readonly thinks?: boolean | undefined;
}

export interface CallRule {
  /** `auto`: the model writes or calls. */
  readonly choice: 'auto' | 'required';
  /** The only tool that may be called. */
  readonly name?: string | undefined;
  /** Several calls in one answer, where the model's template has a form for it. */
  readonly isParallel: boolean;
}

export interface GenerateUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Those of them that the model thought before it answered. */
  readonly thoughtTokens: number;
  /** Prompt tokens whose state the sequence still held. */
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
  /** What the model thinks before its answer, by the marks of its template. */
  | { readonly type: 'thought'; readonly text: string }
  | { readonly type: 'call'; readonly name: string }
  /** A part of the arguments of the last call, in JSON. */
  | { readonly type: 'arguments'; readonly text: string }
  | {
      readonly type: 'done';
      readonly finish: Finish;
      readonly usage: GenerateUsage;
      readonly timings: GenerateTimings;
      /** A local model wrote it in place of the model servers. */
      readonly isStandIn?: boolean;
    };

/** `calls`: all calls are complete. */
export type Finish = 'stop' | 'length' | 'calls';

export interface Judged {
  /** Of yes, from 0 to 1, in the order of the prompts. */
  readonly probabilities: readonly number[];
  /** Of all prompts together; `cachedTokens` of them were not read again. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

export interface Generator extends ModelPort {
  /**
   * Streams the answer; the last event is always `done`. Breaking out of the loop or aborting `signal` stops the
   * model within one batch; an aborted call throws the signal's reason.
   *
   * @throws {ModelError} MODEL_NOT_READY, OVERLOADED or BREAKER_OPEN when the model takes no request now;
   *   DEADLINE_EXCEEDED, PROMPT_TOO_LONG, INPUT_EMPTY or INVALID_GRAMMAR for the request; MODEL_CRASHED
   */
  generate(request: GenerateRequest, options?: ModelCallOptions): AsyncIterable<GenerateEvent>;
  /**
   * The probability that the model answers each prompt with yes, when it may answer yes or no only. The prompts take the
   * place of one request; a common beginning is read once.
   *
   * @throws {ModelError} as `generate`; MODEL_UNUSABLE when the vocabulary cannot tell yes from no
   */
  judge(prompts: readonly Prompt[], options?: ModelCallOptions): Promise<Judged>;
  /** Calls the listener each time the model has been loaded. */
  onReady(listener: () => void): void;
  /** Tokens of each text as plain text, by the model's own tokenizer. */
  countTokens(texts: readonly string[], options?: ModelCallOptions): Promise<readonly number[]>;
  /** Tokens of the complete prompt, including those of the template. */
  countPrompt(prompt: Prompt, options?: ModelCallOptions): Promise<number>;
  /** How long a new interactive request would wait for its turn. */
  estimateWaitMs(): number;
}

export interface EmbedResult {
  /** One unit-length vector per text. */
  readonly vectors: readonly Float32Array[];
  /** In how many parts each text was read: one, unless it is longer than the context. */
  readonly parts: readonly number[];
  readonly tokens: number;
  /** A local model made them in place of the model servers. */
  readonly isStandIn?: boolean;
}

/**
 * Chooses the prefix of asymmetric models; `plain` adds none. A query or document that is longer than the context is read
 * in parts, and its vector is their mean; such a `plain` text is refused.
 */
export type TextKind = 'query' | 'document' | 'plain';

export interface EmbedderState extends ModelState, Partial<Pick<EmbeddingInfo, 'fingerprint'>> {
  /** Known, with the other two, while the model is `ready`. */
  readonly model?: string;
  readonly dimensions?: number;
}

export interface Embedder extends ModelPort {
  state(): EmbedderState;
  /** @throws {ModelError} INPUT_EMPTY, or for a `plain` text PROMPT_TOO_LONG, and as `generate` */
  embed(texts: readonly string[], kind: TextKind, options?: ModelCallOptions): Promise<EmbedResult>;
}

export interface RerankResult {
  /** One score from 0 to 1 per text, in the order of the texts. */
  readonly scores: readonly number[];
  readonly tokens: number;
  /** A local model gave them in place of the model servers. */
  readonly isStandIn?: boolean;
}

export interface Reranker extends ModelPort {
  /** @throws {ModelError} DEADLINE_EXCEEDED when the deadline passes before all texts are scored, and as `generate` */
  rerank(query: string, texts: readonly string[], options?: ModelCallOptions): Promise<RerankResult>;
}

/** The three models of a replica; each may be absent. */
export interface Models {
  readonly generator: Generator;
  readonly embedder: Embedder;
  readonly reranker: Reranker;
}

/** The part of a pino logger that models use. */
export interface ModelLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
