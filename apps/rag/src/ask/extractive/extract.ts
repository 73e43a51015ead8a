import type { Citation, QuoteLength } from '@xnai/contracts';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import type { TermStatistics } from '../../store/store.ts';
import { citationOf } from '../citations.ts';
import type { Question } from '../question/question.ts';
import { absentSubject } from './check/absent-subject.ts';
import { holdNamed } from './check/hold-named.ts';
import { holdPhrase } from './check/hold-phrase.ts';
import { holdScope } from './check/hold-scope.ts';
import { holdValue } from './check/hold-value.ts';
import { judgeRelevance, type Relevance } from './check/relevance.ts';
import { type Evidence, readEvidence } from './evidence.ts';
import { composeAnswer } from './quotes/compose.ts';
import { joinQuotes, selectQuotes } from './quotes/select-quotes.ts';
import { type RankedStatement, rankStatements } from './rank/rank-statements.ts';
import { type WeightedTerm, weighTerms } from './weigh-terms.ts';

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
  length: QuoteLength = 'short',
): Extracted {
  const whole = findStatements(question, results, statistics);
  const { terms, evidence, ranked, missing, relevance } = whole;
  const { chunks } = statistics;
  const ranking = [...new Set(ranked.map((candidate) => candidate.evidence.found))];
  const found = { ranking, relevance, missing };
  if (missing.length > 0) return { answer: '', citations: [], ...found, nearest: nearestOf(ranked) };
  const halves = question.halves
    .map((half) => ({ half, ...findStatements(half, results, statisticsOf(half, question, statistics)) }))
    .filter(isAnswered);
  if (halves.length > 1 || (halves.length === 1 && !isAnswered(whole))) {
    const quotes = halves.map(({ half, statements, terms, evidence }) =>
      selectQuotes(statements, { question: half, terms, evidence, chunks, length }),
    );
    return { ...composeAnswer(joinQuotes(quotes)), ...found, nearest: [] };
  }
  if (!isAnswered(whole)) return { answer: '', citations: [], ...found, nearest: nearestOf(ranked) };
  return {
    ...composeAnswer(selectQuotes(whole.statements, { question, terms, evidence, chunks, length })),
    ...found,
    nearest: [],
  };
}

interface FoundStatements {
  readonly terms: readonly WeightedTerm[];
  readonly evidence: readonly Evidence[];
  readonly ranked: readonly RankedStatement[];
  /** Those that hold what the question names. */
  readonly statements: readonly RankedStatement[];
  readonly missing: readonly string[];
  readonly relevance: Relevance;
}

function findStatements(
  question: Question,
  results: readonly RetrievedChunk[],
  statistics: TermStatistics,
): FoundStatements {
  const terms = weighTerms(question, statistics);
  const evidence = readEvidence(results, terms);
  const ranked = holdScope(terms, evidence, rankStatements(question, terms, evidence));
  const named = holdNamed(question.things, holdPhrase(question, ranked));
  const { chunks } = statistics;
  const valued = holdValue(question, terms, { statements: named.statements, chunks });
  const { statements } = valued;
  const relevance = judgeRelevance({
    terms,
    evidence,
    statements,
    chunks,
    isEnglish: question.language === 'en',
    isNamed: question.things.length > 0,
  });
  const absent =
    (relevance.isThin && !valued.isTold ? absentSubject({ question, terms, evidence }) : undefined) ??
    valued.missing;
  return {
    terms,
    evidence,
    ranked,
    statements,
    missing: absent === undefined ? named.missing : [absent],
    relevance: valued.isTold ? { ...relevance, isRelevant: true } : relevance,
  };
}

function isAnswered({ missing, relevance }: FoundStatements): boolean {
  return missing.length === 0 && relevance.isRelevant;
}

/** The frequencies of the terms of a half, which are terms of the whole question. */
function statisticsOf(
  half: Question,
  whole: Question,
  { chunks, frequencies }: TermStatistics,
): TermStatistics {
  const places = half.terms.map(({ stem }) => whole.terms.findIndex((term) => term.stem === stem));
  return { chunks, frequencies: places.map((place) => frequencies[place] ?? 0) };
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
