import { readMarkdown } from '@xnai/text/markdown';
import { endsInColon } from '../text/labels.ts';
import { bodyOf } from '../text/leads.ts';
import { citedIn, withoutMarks } from '../text/marks.ts';
import { type Span, sentencesOf } from '../text/sentences.ts';
import { tellingWords, type Word, wordsOf } from '../text/words.ts';
import { type Figure, figuresOf } from './figures.ts';

/** A sentence, table row or code block of an answer, with the numbers of the sources that it cites. */
export interface Claim {
  readonly span: Span;
  readonly cited: readonly number[];
  /** Without its marks. */
  readonly text: string;
  /** Its telling words, each once. */
  readonly words: readonly Word[];
  readonly figures: readonly Figure[];
  /** Words with digits in them, such as utf8. */
  readonly names: readonly Word[];
  /** Its code, which a source must hold letter by letter. */
  readonly literals: readonly string[];
  readonly isCode: boolean;
}

/** All claims of an answer, in reading order. Headings and lines that only introduce a list make no claim. */
export function claimsOf(answer: string): readonly Claim[] {
  const claims: Claim[] = [];
  for (const block of readMarkdown(answer).blocks) {
    if (block.kind === 'heading' || (block.kind === 'row' && block.isHeader)) continue;
    if (block.kind === 'code') claims.push(claimOfCode(answer, bodyOf(block)));
    else if (block.kind === 'row') claims.push(claimOf(answer, block));
    else for (const line of linesOf(answer, bodyOf(block))) addLine(claims, answer, line);
  }
  return claims.filter((claim) => claim.isCode || !introduces(answer, claim));
}

function linesOf(answer: string, { start, end }: Span): readonly Span[] {
  return [...answer.slice(start, end).matchAll(/[^\n]+/g)].map(({ index, 0: { length } }) => ({
    start: start + index,
    end: start + index + length,
  }));
}

/** Marks after a full stop belong to the sentence before, unless the line puts them first. */
function addLine(claims: Claim[], answer: string, line: Span): void {
  const sentences = sentencesOf(answer.slice(line.start, line.end)).map(({ start, end }) =>
    claimOf(answer, { start: line.start + start, end: line.start + end }),
  );
  const [first] = sentences;
  const isPrefixed = first !== undefined && leadingMarks(answer, first.span) > 0 && first.words.length > 0;
  for (const claim of sentences) {
    const length = isPrefixed ? 0 : leadingMarks(answer, claim.span);
    const previous = claims.at(-1);
    if (length === 0 || previous === undefined) claims.push(claim);
    else claims.splice(-1, 1, ...moveMarks(answer, previous, claim, length));
  }
}

function leadingMarks(answer: string, { start, end }: Span): number {
  return /^(?:\s*\[\d{1,3}\])+/.exec(answer.slice(start, end))?.[0].length ?? 0;
}

function moveMarks(answer: string, previous: Claim, claim: Claim, length: number): readonly Claim[] {
  const at = claim.span.start + length;
  const marks = citedIn(answer.slice(claim.span.start, at));
  const cited = [...new Set([...previous.cited, ...marks])];
  const before = { ...previous, span: { start: previous.span.start, end: at }, cited };
  const rest = claimOf(answer, { start: at, end: claim.span.end });
  return rest.words.length === 0 && rest.cited.length === 0 ? [before] : [before, rest];
}

function claimOf(answer: string, { start, end }: Span): Claim {
  const said = answer.slice(start, end);
  const text = withoutMarks(said);
  const telling = tellingWords(text);
  return {
    span: { start, end },
    cited: citedIn(said),
    text,
    // "20MB" is a figure.
    words: eachOnce(telling.filter(({ raw }) => !/^\d+\p{L}/u.test(raw))),
    figures: figuresOf(text),
    names: telling.filter(({ raw }) => /^\p{L}+\d/u.test(raw)),
    literals: [...text.matchAll(/`([^`\n]+)`/g)].map(([, literal = '']) => literal.trim().toLowerCase()),
    isCode: false,
  };
}

function eachOnce(words: readonly Word[]): readonly Word[] {
  return [...new Map(words.map((word) => [word.stem, word])).values()];
}

/** A source must hold each line as it is; brackets in code are no citations. */
function claimOfCode(answer: string, { start, end }: Span): Claim {
  const text = answer.slice(start, end);
  const lines = text.split('\n').map((line) => line.trim().toLowerCase());
  const claim = claimOf('', { start: 0, end: 0 });
  const words = wordsOf(text);
  return { ...claim, span: { start, end }, text, words, literals: lines.filter(Boolean), isCode: true };
}

function introduces(answer: string, { span, cited, figures }: Claim): boolean {
  return cited.length === 0 && figures.length === 0 && endsInColon({ text: answer }, span);
}
