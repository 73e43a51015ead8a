import type { RetrievedChunk } from '../retrieve.ts';
import { matchTerms } from './match-terms.ts';
import { FUNCTION_WORDS } from './question-words.ts';
import type { Span } from './sentences.ts';
import { type Statement, statementsOf } from './statements.ts';
import type { WeightedTerm } from './weigh-terms.ts';
import { wordsOf } from './words.ts';

/** A piece of text read for one question. */
export interface Reading {
  readonly text: string;
  /** Stems in reading order. */
  readonly stems: readonly string[];
  /** How well it holds each term, 0 to 1, in their order. */
  readonly held: readonly number[];
  /** The share of its own words, function words and bare numbers aside, that the question holds. */
  readonly precision: number;
}

/** A retrieved chunk read for one question. */
export interface Evidence {
  readonly found: RetrievedChunk;
  /** Retrieval score relative to the best chunk, 0 to 1. */
  readonly standing: number;
  /** The innermost heading, and all of the path. */
  readonly heading: Reading;
  readonly path: Reading;
  readonly title: Reading;
  readonly text: Reading;
  readonly statements: readonly EvidenceStatement[];
}

export interface EvidenceStatement {
  readonly statement: Statement;
  /** The statement with what it introduces. */
  readonly own: Reading;
  readonly lead: Reading;
}

export function readEvidence(
  results: readonly RetrievedChunk[],
  terms: readonly WeightedTerm[],
): readonly Evidence[] {
  const best = Math.max(...results.map(({ score }) => score), Number.MIN_VALUE);
  const read = (text: string) => readText(text, terms);
  return results.map((found) => {
    const { chunk } = found;
    const readSpan = ({ start, end }: Span) => read(chunk.text.slice(start, end));
    return {
      found,
      standing: Math.max(0, found.score) / best,
      heading: read(chunk.heading.at(-1) ?? ''),
      path: read(chunk.heading.join('\n')),
      title: read(chunk.title ?? ''),
      text: read(`${chunk.context}\n${chunk.text}`),
      statements: statementsOf(chunk.text).map((statement) => ({
        statement,
        own: readSpan({ start: statement.start, end: statement.fullEnd }),
        lead: readSpan(statement.lead ?? { start: 0, end: 0 }),
      })),
    };
  });
}

function readText(text: string, terms: readonly WeightedTerm[]): Reading {
  const words = wordsOf(text);
  const stems = words.map(({ stem }) => stem);
  const set = new Set(stems);
  const asked = new Set(terms.map(({ stem }) => stem));
  const telling = new Set(
    words
      .filter(({ raw }) => !FUNCTION_WORDS.has(raw.toLowerCase()) && !/^\d+$/.test(raw))
      .map(({ stem }) => stem),
  );
  const shared = [...telling].filter((stem) => asked.has(stem)).length;
  return {
    text,
    stems,
    held: matchTerms(terms, set),
    precision: telling.size === 0 ? 0 : shared / telling.size,
  };
}
