import type { Citation } from '@xnai/contracts';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import type { TermStatistics } from '../../store/store.ts';
import { citationOf } from '../citations.ts';
import { composeAnswer } from './compose.ts';
import { readEvidence } from './evidence.ts';
import { holdNamed } from './hold-named.ts';
import { asksForSteps, type Question } from './question.ts';
import { type RankedStatement, rankStatements } from './rank-statements.ts';
import { judgeRelevance, type Relevance } from './relevance.ts';
import { selectQuotes } from './select-quotes.ts';
import { weighTerms } from './weigh-terms.ts';

export interface Extracted {
  readonly answer: string;
  readonly citations: readonly Citation[];
  /** The chunks, those with the best statements first. */
  readonly ranking: readonly RetrievedChunk[];
  readonly relevance: Relevance;
  /** What the question asks for by name and no statement holds. */
  readonly missing: readonly string[];
  /** The best statements where nothing answers, one a document. */
  readonly nearest: readonly Citation[];
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
  const { statements, missing } = holdNamed(question.things, ranked);
  const relevance = judgeRelevance(terms, evidence, statements, statistics.chunks);
  const ranking = [...new Set(ranked.map((candidate) => candidate.evidence.found))];
  if (missing.length > 0 || !relevance.isRelevant) {
    return { answer: '', citations: [], ranking, relevance, missing, nearest: nearestOf(ranked) };
  }
  const quotes = selectQuotes(statements, asksForSteps(question));
  return { ...composeAnswer(quotes), ranking, relevance, missing, nearest: [] };
}

const MOST_NEAREST = 3;

function nearestOf(ranked: readonly RankedStatement[]): readonly Citation[] {
  const best = new Map<string, RankedStatement>();
  for (const statement of ranked) {
    const { documentId } = statement.evidence.found.chunk;
    if (!best.has(documentId)) best.set(documentId, statement);
  }
  return [...best.values()].slice(0, MOST_NEAREST).map(({ evidence, entry }, position) => {
    const { start, fullEnd: end } = entry.statement;
    return citationOf(evidence.found, { start, end }, { index: position + 1, verified: false });
  });
}
