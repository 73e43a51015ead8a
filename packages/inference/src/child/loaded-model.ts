import type { Call, LoadedInfo, Reply } from '../process/ipc.ts';

/** A model in memory, in its own process. */
export interface LoadedModel {
  readonly info: LoadedInfo;
  /** Ends with exactly one final reply, given through `reply` or thrown as a {@link ModelError}. */
  run(call: Call, options: RunOptions): Promise<void>;
  /** Leaves the cores but one to others, or takes them again, from the next text on. */
  share?(isShared: boolean): void;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly reply: (reply: Reply) => void;
}
