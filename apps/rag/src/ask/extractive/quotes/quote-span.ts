import type { Block } from '@xnai/contracts';
import { hasAnswerForm } from '../../question/answer-form.ts';
import { asksForSteps, type Question } from '../../question/question.ts';
import { isEmpty } from '../../text/passage.ts';
import type { Span } from '../../text/sentences.ts';
import type { EvidenceStatement, StatementPlace } from '../evidence.ts';

/** A stretch of a chunk that can be read by itself. */
export interface QuoteSpan extends Span {
  /** How many statements it spans. */
  readonly sentences: number;
  /** The statement that it begins with. */
  readonly first: EvidenceStatement;
}

export interface Reach {
  readonly question: Question;
  /** Statements that there is still room for. */
  readonly room: number;
  /** Takes the whole block. */
  readonly isFull: boolean;
}

const MAX_SENTENCES_CHARS = 600;
const MAX_BLOCK_CHARS = 800;
const MAX_CODE_CHARS = 700;

/**
 * The statement with what it needs to be read: the sentence before when it leans on that, those after that lean on it or
 * have the value that is asked for, the code that it introduces, and the sentence that introduces a piece of code.
 */
export function spanOf(place: StatementPlace, reach: Reach): QuoteSpan {
  return withCode(place, reach.isFull ? blockAround(place) : sentencesAround(place, reach), reach.question);
}

function sentencesAround(
  { evidence, entry, position }: StatementPlace,
  { room, question }: Reach,
): QuoteSpan {
  const inBlock = (at: number) => neighbour({ evidence, entry, position }, at);
  const before = inBlock(position - 1);
  const isLed = room > 1 && leans(entry) && before !== undefined;
  const first =
    isLed && entry.statement.fullEnd - before.statement.start <= MAX_SENTENCES_CHARS ? before : entry;
  let last = entry;
  let sentences = first === entry ? 1 : 2;
  for (let at = position + 1; sentences < room; at++, sentences++) {
    const next = inBlock(at);
    if (next === undefined || next.statement.fullEnd - first.statement.start > MAX_SENTENCES_CHARS) break;
    if (!leans(next) && !hasTheValue(question, entry, { evidence, entry: next })) break;
    last = next;
  }
  return { start: first.statement.start, end: last.statement.fullEnd, sentences, first };
}

/** The whole block, or as much of it from the statement on as fits. */
function blockAround(place: StatementPlace): QuoteSpan {
  const { evidence, entry, position } = place;
  const inBlock = evidence.statements.filter(({ statement }) => statement.block === entry.statement.block);
  const fits = (from: EvidenceStatement, to: EvidenceStatement) =>
    to.statement.fullEnd - from.statement.start <= MAX_BLOCK_CHARS;
  const [begin = entry] = inBlock;
  const first = fits(begin, inBlock.at(-1) ?? entry) ? begin : entry;
  let last = entry;
  for (let at = position + 1; ; at++) {
    const next = neighbour(place, at);
    if (next === undefined || !fits(first, next)) break;
    last = next;
  }
  return { start: first.statement.start, end: last.statement.fullEnd, sentences: 1, first };
}

function neighbour({ evidence, entry }: StatementPlace, at: number): EvidenceStatement | undefined {
  const other = evidence.statements[at];
  return other?.statement.block === entry.statement.block ? other : undefined;
}

/** Beginnings of sentences that lean on the one before, in the languages that have been looked at. */
const LEANS =
  /^[*_"'(]*(?:(?:it|this|these|those|they|he|she|that|such|here|otherwise|instead|however|then|the default|by default|if so|if not|er|sie|es|dies|diese[rsmn]?|sonst|andernfalls|standardmäßig|il|elle|ils|elles|cela|sinon|par défaut)\b|これ|それ|这|它|默认|否则)/iu;

export function leans({ own }: EvidenceStatement): boolean {
  return LEANS.test(own.text);
}

type Place = Pick<StatementPlace, 'evidence' | 'entry'>;

function hasTheValue(question: Question, { own }: EvidenceStatement, next: Place): boolean {
  const isValue = question.kind === 'quantity' || question.kind === 'time';
  if (!isValue || holdsCode(next)) return false;
  return !hasAnswerForm(question, own.text) && hasAnswerForm(question, next.entry.own.text);
}

const FENCE = /^\s*(?:`{3}|~{3})/m;

/** Whether a statement holds code, or introduces it. */
export function holdsCode({ evidence, entry: { statement } }: Place): boolean {
  return FENCE.test(evidence.passage.text.slice(statement.start, statement.fullEnd));
}

function withCode({ evidence, entry }: StatementPlace, span: QuoteSpan, question: Question): QuoteSpan {
  const { blocks } = evidence.passage;
  const index = entry.statement.block;
  const [before, block, after] = [blocks[index - 1], blocks[index], blocks[index + 1]];
  if (block?.kind === 'code') {
    const intro = isProse(before) ? lastIn(evidence.statements, index - 1) : undefined;
    const fits =
      intro !== undefined && span.end - intro.statement.start <= MAX_CODE_CHARS + MAX_SENTENCES_CHARS;
    return fits ? { ...span, start: intro.statement.start, first: intro } : span;
  }
  const isLast = lastIn(evidence.statements, index)?.statement.end === span.end;
  if (!isLast || after?.kind !== 'code' || isEmpty(after) || !asksForSteps(question)) return span;
  return after.bodyEnd - span.end <= MAX_CODE_CHARS ? { ...span, end: after.bodyEnd } : span;
}

function isProse(block: Block | undefined): boolean {
  return (
    block !== undefined &&
    (block.kind === 'paragraph' || block.kind === 'item' || block.kind === 'definition')
  );
}

function lastIn(statements: readonly EvidenceStatement[], block: number): EvidenceStatement | undefined {
  return statements.findLast(({ statement }) => statement.block === block);
}
