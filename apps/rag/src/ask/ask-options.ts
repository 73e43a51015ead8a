import type { Citation } from '@xnai/contracts';
import type { ModelCallOptions } from '@xnai/inference';
import type { Turn } from './follow-up/topic.ts';

/** Hears of an answer while it is made. Each call is waited for, so that a slow reader slows the answer down. */
export interface AskListener {
  sources(citations: readonly Citation[]): Promise<void>;
  token(text: string): Promise<void>;
}

export interface AskOptions extends ModelCallOptions {
  /** The conversation that a question goes on with. */
  readonly before?: readonly Turn[] | undefined;
  readonly listener?: AskListener | undefined;
}
