import type { Citation } from '@xnai/contracts';
import { citationOf } from '../../citations.ts';
import { disarmMarks } from '../../text/marks.ts';
import { readable } from '../../text/readable.ts';
import type { Quote } from './quote.ts';

/** The answer text with `[n]` after each quote, and the citations that the numbers refer to. */
export function composeAnswer(quotes: readonly Quote[]): { answer: string; citations: Citation[] } {
  const citations = quotes.map((quote, position) =>
    citationOf(quote.evidence.found, quote, { index: position + 1, verified: true }),
  );
  const parts: string[] = [];
  for (const [position, quote] of quotes.entries()) {
    const isLed = isLedAlready(quote, quotes[position - 1], parts.at(-1));
    parts.push(partOf(isLed ? { ...quote, about: undefined } : quote, citations[position]));
  }
  const hasBlocks = parts.some((part) => part.includes('\n'));
  return { answer: parts.join(hasBlocks ? '\n\n' : ' '), citations };
}

/** The quote before, from the same chunk, began with the same lead. */
function isLedAlready(
  { about, evidence }: Quote,
  before: Quote | undefined,
  shown: string | undefined,
): boolean {
  if (about === undefined || before?.evidence !== evidence) return false;
  return before.about === about || shown?.startsWith(`${disarmMarks(shortName(about))}:`) === true;
}

function partOf({ evidence, start, end, about, rest }: Quote, citation: Citation | undefined): string {
  if (citation === undefined) return '';
  const text = disarmMarks(readable(evidence.passage, { start, end }, { isList: rest !== undefined }));
  const separator = /\n[`~]{3,}$/.test(text) ? '\n\n' : ' ';
  const lead = about === undefined ? [] : [`${disarmMarks(shortName(about))}:`];
  const more = rest?.left ? [`… ${rest.left} more ${rest.entry}${rest.left === 1 ? '' : 's'}`] : [];
  return [...lead, text, ...more, `[${citation.index}]`].join(separator);
}

const LONG_SIGNATURE_CHARS = 60;

/** A function by its name, without its parameters where they are many. */
function shortName(term: string): string {
  const open = term.indexOf('(');
  const isSignature = open > 0 && term.length > LONG_SIGNATURE_CHARS && term[open - 1] !== ' ';
  return isSignature ? `${term.slice(0, open)}(…)` : term;
}
