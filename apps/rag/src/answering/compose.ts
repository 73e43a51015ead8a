import type { Citation } from '@xnai/contracts';
import { citationOf } from './citations.ts';
import type { Quote } from './select-quotes.ts';

/** The answer text with `[n]` after each quote, and the citations that the numbers refer to. */
export function composeAnswer(quotes: readonly Quote[]): { answer: string; citations: Citation[] } {
  const citations = quotes.map((quote, position) =>
    citationOf(quote.evidence.found, quote, { index: position + 1, verified: true }),
  );
  const parts = citations.map(({ quote, index }, position) => {
    const about = quotes[position]?.about;
    return `${about === undefined ? '' : `${readable(about)}: `}${readable(quote)} [${index}]`;
  });
  const hasBlocks = parts.some((part) => part.includes('\n'));
  return { answer: parts.join(hasBlocks ? '\n\n' : ' '), citations };
}

/** A quote as it reads in running text: links by their words, marks and line breaks of Markdown left out. */
export function readable(quote: string): string {
  if (/^[\t ]*(?:`{3}|~{3}|\|)/m.test(quote) || /\n(?: {4}|\t)\S/.test(quote)) return quote.trim();
  return quote
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*(?:\s+"[^"]*")?\)/g, '$1')
    .replace(/(\*\*|__)(?=\S)([^*\n]+?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}_*\\])([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?![\p{L}\p{N}_*])/gu, '$2')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/\n\s*\n\s*(?:[-*+]\s+)?/g, ': ')
    .replace(/\s*\n\s*(?:[-*+]\s+)?/g, ' ')
    .replace(/(?::\s*){2,}/g, ': ')
    .trim();
}
