import type { Citation } from '@xnai/contracts';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import type { TermStatistics } from '../../store/store.ts';
import { composeAnswer } from './compose.ts';
import { readEvidence } from './evidence.ts';
import { asksForSteps, type Question } from './question.ts';
import { rankStatements } from './rank-statements.ts';
import { judgeRelevance, type Relevance } from './relevance.ts';
import { selectQuotes } from './select-quotes.ts';
import { weighTerms } from './weigh-terms.ts';

export interface Extracted {
  readonly answer: string;
  readonly citations: readonly Citation[];
  /** The chunks, those with the best statements first. */
  readonly ranking: readonly RetrievedChunk[];
  readonly relevance: Relevance;
}

/**
 * Answers a question out of the chunks found, in their own words: the one to three statements that hold most of the
 * question, weighted by how rare each word is in the collection. No citations when nothing found is about it.
 * `statistics` are those of the question's terms, in their order.
 */
export function extractAnswer(
  question: Question,
  results: readonly RetrievedChunk[],
  statistics: TermStatistics,
): Extracted {
  const terms = weighTerms(question, statistics);
  const evidence = readEvidence(results, terms);
  const ranked = rankStatements(question, terms, evidence);
  const relevance = judgeRelevance(terms, evidence, ranked, statistics.chunks);
  const ranking = [...new Set(ranked.map((candidate) => candidate.evidence.found))];
  if (!relevance.isRelevant) return { answer: '', citations: [], ranking, relevance };
  return { ...composeAnswer(selectQuotes(ranked, asksForSteps(question))), ranking, relevance };
}
