import type { Citation, QueryResponse } from '@xnai/contracts';
import { degradedText } from './degraded-text.ts';
import { placeText } from './place.ts';

/** An answer, and below it what its marks refer to. */
export function answerText(response: QueryResponse): string {
  return [response.answer, answerNotes(response)].filter((part) => part !== '').join('\n\n');
}

/** What an answer refers to, and what is to be known of it. Without an answer: what comes nearest. */
export function answerNotes({
  answer,
  citations,
  missing,
  nearest,
  unsupported,
  ...rest
}: QueryResponse): string {
  const doubtful = (unsupported ?? []).map(({ start, end }) => `"${answer.slice(start, end)}"`);
  return [
    ...(rest.searched === undefined ? [] : [`Searched for: ${rest.searched}`]),
    ...(missing === undefined ? [] : [`No document mentions: ${missing.join(', ')}`]),
    ...(doubtful.length === 0 ? [] : [`Supported by no source: ${doubtful.join(' ')}`]),
    ...listed('Sources', citations),
    ...listed('Nearest, without answering it', nearest ?? []),
    ...(rest.cached === true ? ['Kept from the same question before.'] : []),
    ...degradedText(rest.degraded),
  ].join('\n\n');
}

function listed(title: string, citations: readonly Citation[]): readonly string[] {
  if (citations.length === 0) return [];
  return [`${title}:\n${citations.map(toLines).join('\n')}`];
}

function toLines(citation: Citation): string {
  return `[${citation.index}] ${placeText(citation)}\n    "${citation.quote.replaceAll('\n', '\n    ')}"`;
}
