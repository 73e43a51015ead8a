import type { GenerateRequest, GenerateUsage, ModelInfo, Priority, Prompt } from '../model.ts';
import type { ModelErrorCode } from '../model-error.ts';

/** What the parent says to a model process. Both sides are this package, so the unions are the whole contract. */
export type Command =
  | { readonly type: 'load'; readonly settings: LoadSettings }
  | { readonly type: 'ping' }
  /** Another model computes on the same cores by now, or none does any more. */
  | { readonly type: 'share'; readonly isShared: boolean }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'call'; readonly id: number; readonly call: Call };

export type Call =
  | { readonly kind: 'generate'; readonly request: GenerateRequest; readonly priority: Priority }
  | { readonly kind: 'count'; readonly texts: readonly string[] }
  | { readonly kind: 'count-prompt'; readonly prompt: Prompt }
  | { readonly kind: 'embed'; readonly texts: readonly string[] }
  | { readonly kind: 'rerank'; readonly query: string; readonly texts: readonly string[] };

export type ModelRole = 'generate' | 'embed' | 'rerank';

export interface LoadSettings {
  readonly role: ModelRole;
  readonly file: string;
  readonly threads: number;
  /** What the process may use in all; measured just before. */
  readonly memoryBudgetBytes: number;
  readonly vulkan: 'auto' | 'off';
  /** `GGML_VK_VISIBLE_DEVICES` was set by a person: then a software device is what they want. */
  readonly softwareDevice: boolean;
  readonly contextTokens: number;
  readonly sequences: number;
  /** System texts whose evaluated state is kept, so that no request pays for them. */
  readonly keptPrefixes: readonly string[];
  /** Where that state is written; the parent removes it at the end. */
  readonly stateDirectory: string;
  readonly lookupPrediction: boolean;
}

/** What a model process says to the parent. Anything at all counts as a sign of life. */
export type Event =
  | { readonly type: 'pong' }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'loading'; readonly progress: number }
  | { readonly type: 'ready'; readonly info: LoadedInfo }
  /** Said before `unusable`: with that much free memory the file could be loaded. */
  | { readonly type: 'short-of-memory'; readonly neededBytes: number }
  /** The file can never be used as it is: a restart would not help. */
  | { readonly type: 'unusable'; readonly detail: string }
  | { readonly type: 'reply'; readonly id: number; readonly reply: Reply };

/** Dates do not survive every serialization. */
export type LoadedInfo = Omit<ModelInfo, 'loadedAt'>;

export type Reply =
  | { readonly kind: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  /** A part of the prompt has been evaluated. */
  | { readonly kind: 'progress' }
  | { readonly kind: 'text'; readonly text: string; readonly tokens: number }
  | {
      readonly kind: 'finished';
      readonly finish: 'stop' | 'length';
      readonly usage: GenerateUsage;
      readonly promptMs: number;
      readonly predictedMs: number;
    }
  | { readonly kind: 'counts'; readonly counts: readonly number[] }
  | { readonly kind: 'vectors'; readonly vectors: readonly Float32Array[]; readonly tokens: number }
  | { readonly kind: 'scores'; readonly scores: readonly number[]; readonly tokens: number }
  | { readonly kind: 'aborted' }
  | {
      readonly kind: 'failed';
      readonly code: ModelErrorCode;
      readonly detail: string;
      /** Another call was told of the same crash already. */
      readonly isEcho?: boolean;
    };

/** The reply after which nothing more comes for that call. */
export function isFinal(reply: Reply): boolean {
  return reply.kind !== 'started' && reply.kind !== 'progress' && reply.kind !== 'text';
}
