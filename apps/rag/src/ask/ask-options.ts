import type { Citation } from '@xnai/contracts';
import type { ModelCallOptions } from '@xnai/inference';

/** Hears of an answer while it is made. Each call is waited for, so that a slow reader slows the answer down. */
export interface AskListener {
  sources(citations: readonly Citation[]): Promise<void>;
  token(text: string): Promise<void>;
}

export interface AskOptions extends ModelCallOptions {
  readonly listener?: AskListener | undefined;
}
