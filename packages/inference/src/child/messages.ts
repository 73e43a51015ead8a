import type { CheckedRequest } from '../json-schema/check-schemas.ts';
import type {
  EmbedPrefixes,
  EmbedResult,
  Finish,
  GenerateUsage,
  Judged,
  ModelInfo,
  ModelRole,
  Priority,
  Prompt,
  RerankResult,
} from '../model.ts';
import type { ModelErrorCode } from '../model-error.ts';

/** A message of the service to a model process. Both sides are this package, so the unions are the whole contract. */
export type ChildCommand =
  | { readonly type: 'load'; readonly settings: LoadSettings }
  | { readonly type: 'ping' }
  /** Another model began to compute on the same cores, or the last one stopped. */
  | { readonly type: 'share'; readonly isShared: boolean }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'call'; readonly id: number; readonly call: ModelCall };

export type ModelCall =
  | { readonly kind: 'generate'; readonly request: CheckedRequest; readonly priority: Priority }
  | { readonly kind: 'judge'; readonly prompts: readonly Prompt[]; readonly priority: Priority }
  | { readonly kind: 'count'; readonly texts: readonly string[] }
  | { readonly kind: 'count-prompt'; readonly prompt: Prompt }
  | EmbedCall
  | { readonly kind: 'rerank'; readonly query: string; readonly texts: readonly string[] };

export interface EmbedCall {
  readonly kind: 'embed';
  readonly texts: readonly string[];
  /** Stands before each text, and before each part of one. */
  readonly prefix: string;
  /** What is done with a text that is longer than the context. */
  readonly onOverflow: 'divide' | 'refuse';
}

export interface LoadSettings {
  readonly role: ModelRole;
  readonly file: string;
  readonly threads: number;
  /** Memory that the process may use in total, measured just before. */
  readonly memoryBudgetBytes: number;
  readonly vulkan: 'auto' | 'off';
  /** Whether a software device is wanted: a person has set `GGML_VK_VISIBLE_DEVICES`. */
  readonly softwareDevice: boolean;
  /** Why this model stays on the CPU whatever devices there are. */
  readonly noDevice?: string | undefined;
  /** Threads of the process's own pool, on which it gives batches to the engine. */
  readonly poolThreads: number;
  readonly contextTokens: number;
  readonly sequences: number;
  /** System texts whose evaluated state is kept, so that no request pays for them. */
  readonly keptPrefixes: readonly string[];
  /** Folder for that state; the service removes it at the end. */
  readonly stateDirectory: string;
  readonly lookupPrediction: boolean;
  /** Used instead of those that the model's card asks for. */
  readonly embedPrefixes: Partial<EmbedPrefixes>;
  /** The repository that the file was fetched from. */
  readonly repository?: string | undefined;
}

/** A message of a model process to the service. Any message counts as a sign of life. */
export type ChildEvent =
  | { readonly type: 'pong' }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly type: 'loading'; readonly progress: number }
  | { readonly type: 'ready'; readonly info: LoadedInfo }
  /** The CPU would compute, for which this process has too many threads in its pool; `noDevice`: because no device can. */
  | { readonly type: 'start-again'; readonly noDevice?: string | undefined }
  /** The file cannot be used as it is, so that a restart would not help. `neededBytes`: it would load with this much free memory. */
  | { readonly type: 'unusable'; readonly detail: string; readonly neededBytes?: number | undefined }
  | { readonly type: 'reply'; readonly id: number; readonly reply: ModelReply };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The service adds the date. */
export type LoadedInfo = Omit<ModelInfo, 'loadedAt'>;

export type ModelReply =
  | { readonly kind: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  /** A part of the prompt has been evaluated. */
  | { readonly kind: 'progress' }
  | ({ readonly kind: 'text'; readonly tokens: number } & ReplyPiece)
  | FinishedReply
  | ({ readonly kind: 'judged' } & Judged)
  | { readonly kind: 'counts'; readonly counts: readonly number[] }
  | ({ readonly kind: 'vectors' } & EmbedResult)
  | ({ readonly kind: 'scores' } & RerankResult)
  | { readonly kind: 'aborted' }
  | {
      readonly kind: 'failed';
      readonly code: ModelErrorCode;
      readonly detail: string;
      /** Another call has already reported the same crash. */
      readonly isEcho?: boolean;
      readonly retryAfterMs?: number | undefined;
      /** Where it differs from the table of codes. */
      readonly retryable?: boolean | undefined;
    };

/** What a text belongs to; a `call` is the whole name of a tool, and the arguments of it follow. */
export type ReplyPart = 'answer' | 'thought' | 'call' | 'arguments';

export interface ReplyPiece {
  readonly part: ReplyPart;
  readonly text: string;
}

export interface FinishedReply {
  readonly kind: 'finished';
  readonly finish: Finish;
  readonly usage: GenerateUsage;
  readonly promptMs: number;
  readonly predictedMs: number;
  readonly drafts: DraftCounts;
  /** A local model wrote it in place of the model servers. */
  readonly isStandIn?: boolean;
}

/** Tokens that prompt lookup predicted, and those of them that were written. */
export interface DraftCounts {
  readonly drafted: number;
  readonly accepted: number;
}

/** Whether no further reply follows for the same call. */
export function isFinal({ kind }: ModelReply): boolean {
  return kind !== 'started' && kind !== 'progress' && kind !== 'text';
}
