import { analyse, detectLanguage, isTelling, type Language, type Term } from '@xnai/text/analyse';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { type Passage, passageOf } from '../text/passage.ts';
import type { Span } from '../text/sentences.ts';
import { type Statement, statementsOf } from '../text/statements.ts';
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
  const readerOf = createReaders(terms);
  return results.map((found) => {
    const { chunk } = found;
    const passage = passageOf(chunk);
    const reader = readerOf(detectLanguage(chunk.text));
    const body = reader.terms(chunk.text);
    return {
      found,
      passage,
      standing: Math.max(0, found.score) / best,
      heading: reader.read(chunk.heading.at(-1) ?? ''),
      path: reader.read(chunk.heading.join('\n')),
      title: reader.read(chunk.title ?? ''),
      text: reader.read(chunk.context, body),
      statements: statementsOf(passage).map((statement) => ({
        statement,
        own: reader.within(chunk.text, body, { start: statement.start, end: statement.fullEnd }),
        lead: reader.readLead(statement.lead?.text ?? ''),
      })),
    };
  });
}

interface ReadTerm extends Term {
  /** More than a function word or a bare number. */
  readonly isTelling: boolean;
}

/** Read texts for one question, those of one language by its function words. */
function createReaders(terms: readonly WeightedTerm[]) {
  const match = createMatchTerms(terms);
  const asked = new Set(terms.flatMap(({ stem, spellings }) => [stem, ...spellings]));
  const toAnalysed = (text: string, found: readonly ReadTerm[]): AnalysedText => ({
    text,
    stems: found.filter(({ isPart }) => !isPart).map(({ term }) => term),
    held: match(found.map(({ term }) => term)),
    precision: precisionOf(found, asked),
  });
  // Rows of one table, and what stands under one label, share their lead.
  const leads = new Map<string, AnalysedText>();
  return (language: Language) => {
    const read = (text: string, more: readonly ReadTerm[] = []) =>
      toAnalysed(text, [...readTerms(text, language), ...more]);
    return {
      terms: (text: string) => readTerms(text, language),
      read,
      readLead(text: string): AnalysedText {
        const known = leads.get(text) ?? read(text);
        leads.set(text, known);
        return known;
      },
      within: (text: string, found: readonly ReadTerm[], { start, end }: Span) =>
        toAnalysed(
          text.slice(start, end),
          found.filter((term) => term.start >= start && term.end <= end),
        ),
    };
  };
}

function readTerms(text: string, language: Language): readonly ReadTerm[] {
  const says = isTelling(text, language === 'und' ? undefined : language);
  return analyse(text).map((found) => ({
    ...found,
    isTelling: !found.isPart && !/^\d+$/.test(found.term) && says(found),
  }));
}

function precisionOf(found: readonly ReadTerm[], asked: ReadonlySet<string>): number {
  const telling = new Set(found.filter((term) => term.isTelling).map(({ term }) => term));
  return telling.size === 0 ? 0 : [...telling].filter((term) => asked.has(term)).length / telling.size;
}
