import type { LoadedInfo, ModelCall, ModelReply } from './messages.ts';

/** A model in memory, in its own process. */
export interface LoadedModel {
  readonly info: LoadedInfo;
  /** Ends with exactly one final reply, given through `reply` or thrown as a {@link ModelError}. */
  run(call: ModelCall, options: CallContext): Promise<void>;
  /** Uses one thread while the cores are shared, and all threads otherwise; takes effect with the next text. */
  share?(isShared: boolean): void;
}

export interface CallContext {
  readonly signal: AbortSignal;
  readonly reply: (reply: ModelReply) => void;
}
