import type { Citation } from '@xnai/contracts';
import type { CallOptions } from '@xnai/inference';

/** Hears of an answer while it is made. Each call is waited for, so that a slow reader slows the answer down. */
export interface AnswerListener {
  sources(citations: readonly Citation[]): Promise<void>;
  token(text: string): Promise<void>;
}

export interface AnswerOptions extends CallOptions {
  readonly listener?: AnswerListener | undefined;
}
