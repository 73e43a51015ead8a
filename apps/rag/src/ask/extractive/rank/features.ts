import { hasAnswerForm } from '../../question/answer-form.ts';
import { asksForOption, asksForSteps, type Question } from '../../question/question.ts';
import { literalShare } from '../../text/literals.ts';
import type { AnalysedText, StatementPlace } from '../evidence.ts';
import { coverage } from '../match-terms.ts';
import type { WeightedTerm } from '../weigh-terms.ts';
import { definitionOf } from './definition.ts';

/** Features of a statement for ranking, each from 0 to 1. */
export interface Features {
  /** Share of the question's weight that the statement itself holds. */
  readonly own: number;
  /** Further terms found in its lead, its heading path and title, and the sentence before. */
  readonly byLead: number;
  readonly byHeading: number;
  readonly byPrevious: number;
  /** Match of lead, heading and title with the question: coverage of the question × share of their own words in it. */
  readonly leadMatch: number;
  readonly headingMatch: number;
  readonly titleMatch: number;
  /** Neighbours in the question that are neighbours in the statement too. */
  readonly adjacency: number;
  readonly literalLead: number;
  /** It defines the thing that is asked about. */
  readonly defines: number;
  /** It is the entry of an option, where the question asks which one does something. */
  readonly isOption: number;
  readonly form: number;
  /** It has a number where the question asks how many, which nothing else tells. */
  readonly quantity: number;
  readonly standing: number;
  readonly isLabel: number;
  /** A usage line, full of brackets. */
  readonly isSymbols: number;
  readonly isQuestion: number;
  /** It is about something that goes wrong, which the question does not ask. */
  readonly isTrouble: number;
  /** It is code, whose many words hold those of any question, where the question does not ask how something is done. */
  readonly isCode: number;
  /** First in its chunk, and no item of a list, which may have begun in the chunk before. */
  readonly isFirst: number;
}

export function featuresOf(
  question: Question,
  terms: readonly WeightedTerm[],
  place: StatementPlace,
): Features {
  const { evidence, entry, position } = place;
  const { own, lead, statement } = entry;
  const { heading, title, path } = evidence;
  const block = evidence.passage.blocks[statement.block];
  return {
    ...coverageAround(terms, place),
    leadMatch: identity(terms, lead),
    headingMatch: identity(terms, heading),
    titleMatch: identity(terms, title),
    adjacency: adjacency(terms, own.stems),
    literalLead: literalShare(question.literals, lead.text),
    defines: question.kind === 'definition' ? definitionOf(terms, place) : 0,
    isOption: flag(asksForOption(question) && /^[*`]*-{1,2}\w/.test(lead.text)),
    form: flag(hasAnswerForm(question, own.text)),
    quantity: flag(question.kind === 'quantity' && hasAnswerForm(question, own.text)),
    standing: evidence.standing,
    isLabel: flag(statement.kind === 'label'),
    isSymbols: flag(bracketShare(own.text) > 0.06),
    isQuestion: flag(/[?？؟][*_"')\]]*$/.test(own.text)),
    isTrouble: flag(TROUBLE.test(path.text) && !ASKS_FOR_TROUBLE.test(question.text)),
    isCode: flag((statement.kind === 'code' || FENCE.test(own.text)) && !asksForSteps(question)),
    isFirst: flag(position === 0 && path.text !== '' && block?.kind !== 'item'),
  };
}

const TROUBLE =
  /^(?:.*\b)?(?:troubleshooting|error messages|known (?:issues|problems)|fehlersuche|fehlerbehebung|fehlermeldungen|dépannage|messages d'erreur|solución de problemas|mensajes de error|risoluzione dei problemi)\b/im;
const ASKS_FOR_TROUBLE =
  /\b(?:errors?|fail\w*|problems?|wrong|issues?|messages?|why|can(?:no|')?t|not|fix|solve|trouble\w*|warnings?|fehler\p{L}*|warum|nicht|erreurs?|pourquoi|ne|error(?:es)?|por qué|no|errori?|perché|non)\b/iu;

const FENCE = /^\s*(?:`{3}|~{3})/m;

function flag(value: boolean): number {
  return value ? 1 : 0;
}

function coverageAround(terms: readonly WeightedTerm[], { evidence, entry, position }: StatementPlace) {
  const held = entry.own.held.slice();
  const own = coverage(terms, held);
  let reached = own;
  const adding = (...parts: readonly (AnalysedText | undefined)[]) => {
    for (const part of parts) {
      for (const [i, value] of (part?.held ?? []).entries()) held[i] = Math.max(held[i] ?? 0, value);
    }
    const before = reached;
    reached = coverage(terms, held);
    return reached - before;
  };
  return {
    own,
    byLead: adding(entry.lead),
    byHeading: adding(evidence.path, evidence.title),
    byPrevious: adding(evidence.statements[position - 1]?.own),
  };
}

function identity(terms: readonly WeightedTerm[], reading: AnalysedText): number {
  return coverage(terms, reading.held) * reading.precision;
}

/** The share of neighbouring pairs of terms in the question that are neighbours (a word between at most) here too. */
function adjacency(terms: readonly WeightedTerm[], stems: readonly string[]): number {
  if (terms.length < 2) return 0;
  let pairs = 0;
  for (let i = 0; i + 1 < terms.length; i++) {
    const [first, second] = [terms[i]?.stem, terms[i + 1]?.stem];
    if (stems.some((stem, at) => stem === first && (stems[at + 1] === second || stems[at + 2] === second)))
      pairs++;
  }
  return pairs / (terms.length - 1);
}

/** Brackets of usage lines, for each visible character. */
function bracketShare(text: string): number {
  const visible = text.replace(/\s+/g, '');
  return (visible.match(/[[\]<>{}]/g)?.length ?? 0) / Math.max(1, visible.length);
}
