import type { QuoteLength } from '@xnai/contracts';
import { threadTask } from '@xnai/service/thread-task';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import type { NearTerm, TermStatistics } from '../../store/store.ts';
import { readQuestion } from '../question/question.ts';
import { withNear } from '../question/with-near.ts';
import { extractAnswer } from './extract.ts';

export interface ExtractInput {
  readonly query: string;
  /** What was searched in the place of words that no chunk holds. */
  readonly near: readonly NearTerm[];
  readonly chunks: readonly RetrievedChunk[];
  readonly statistics: TermStatistics;
  readonly quotes: QuoteLength | undefined;
}

export const extract = threadTask(({ query, near, chunks, statistics, quotes }: ExtractInput) =>
  extractAnswer(withNear(readQuestion(query), near), chunks, statistics, quotes),
);
