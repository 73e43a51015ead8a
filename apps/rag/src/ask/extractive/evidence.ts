import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { type Passage, passageOf } from '../text/passage.ts';
import { FUNCTION_WORDS } from '../text/question-words.ts';
import type { Span } from '../text/sentences.ts';
import { type Statement, statementsOf } from '../text/statements.ts';
import { stemOf, type Word, wordsOf } from '../text/words.ts';
import { createMatchTerms } from './match-terms.ts';
import type { WeightedTerm } from './weigh-terms.ts';

/** A piece of text read for one question. */
export interface AnalysedText {
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
  readonly passage: Passage;
  /** Retrieval score relative to the best chunk, 0 to 1. */
  readonly standing: number;
  /** The innermost heading, and all of the path. */
  readonly heading: AnalysedText;
  readonly path: AnalysedText;
  readonly title: AnalysedText;
  readonly text: AnalysedText;
  readonly statements: readonly EvidenceStatement[];
}

export interface EvidenceStatement {
  readonly statement: Statement;
  /** The statement together with the list or code that it introduces. */
  readonly own: AnalysedText;
  readonly lead: AnalysedText;
}

/** One statement in its place. */
export interface StatementPlace {
  readonly evidence: Evidence;
  readonly entry: EvidenceStatement;
  readonly position: number;
}

export function readEvidence(
  results: readonly RetrievedChunk[],
  terms: readonly WeightedTerm[],
): readonly Evidence[] {
  const best = Math.max(...results.map(({ score }) => score), Number.MIN_VALUE);
  const reader = createReader(terms);
  return results.map((found) => {
    const { chunk } = found;
    const passage = passageOf(chunk);
    const readSpan = reader.spans(chunk.text);
    return {
      found,
      passage,
      standing: Math.max(0, found.score) / best,
      heading: reader.read(chunk.heading.at(-1) ?? ''),
      path: reader.read(chunk.heading.join('\n')),
      title: reader.read(chunk.title ?? ''),
      text: reader.read(chunk.context, reader.words(chunk.text)),
      statements: statementsOf(passage).map((statement) => ({
        statement,
        own: readSpan({ start: statement.start, end: statement.fullEnd }),
        lead: reader.readLead(statement.lead?.text ?? ''),
      })),
    };
  });
}

/** Reads texts for one question; each is cut into words once, and each word is stemmed once. */
function createReader(terms: readonly WeightedTerm[]) {
  const match = createMatchTerms(terms);
  const asked = new Set(terms.map(({ stem }) => stem));
  const stems = new Map<string, string>();
  const stem = (raw: string) => {
    const known = stems.get(raw) ?? stemOf(raw);
    stems.set(raw, known);
    return known;
  };
  const toAnalysed = (text: string, words: readonly Word[]): AnalysedText => ({
    text,
    stems: words.map((word) => word.stem),
    held: match(words.map((word) => word.stem)),
    precision: precisionOf(words, asked),
  });
  const words = (text: string) => wordsOf(text, stem);
  // Rows of one table, and what stands under one label, share their lead.
  const leads = new Map<string, AnalysedText>();
  return {
    words,
    read: (text: string, more: readonly Word[] = []) => toAnalysed(text, [...words(text), ...more]),
    readLead(text: string): AnalysedText {
      const known = leads.get(text) ?? toAnalysed(text, words(text));
      leads.set(text, known);
      return known;
    },
    spans(text: string): (span: Span) => AnalysedText {
      const all = words(text);
      return ({ start, end }) =>
        toAnalysed(
          text.slice(start, end),
          all.filter((word) => word.start >= start && word.end <= end),
        );
    },
  };
}

function precisionOf(words: readonly Word[], asked: ReadonlySet<string>): number {
  const telling = new Set(
    words
      .filter(({ raw }) => !FUNCTION_WORDS.has(raw.toLowerCase()) && !/^\d+$/.test(raw))
      .map(({ stem }) => stem),
  );
  return telling.size === 0 ? 0 : [...telling].filter((stem) => asked.has(stem)).length / telling.size;
}
