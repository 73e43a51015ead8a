import type { Citation, QueryResponse } from '@xnai/contracts';
import { degradedText } from './degraded-text.ts';
import { placeText } from './place.ts';

/** An answer, and below it what its marks refer to. Without an answer: what comes nearest. */
export function answerText({
  answer,
  citations,
  missing,
  nearest,
  unsupported,
  ...rest
}: QueryResponse): string {
  const doubtful = (unsupported ?? []).map(({ start, end }) => `"${answer.slice(start, end)}"`);
  return [
    answer,
    ...(rest.searched === undefined ? [] : [`Searched for: ${rest.searched}`]),
    ...(missing === undefined ? [] : [`No document mentions: ${missing.join(', ')}`]),
    ...(doubtful.length === 0 ? [] : [`Supported by no source: ${doubtful.join(' ')}`]),
    ...listed('Sources', citations),
    ...listed('Nearest, without answering it', nearest ?? []),
    ...degradedText(rest.degraded),
  ].join('\n\n');
}

function listed(title: string, citations: readonly Citation[]): readonly string[] {
  if (citations.length === 0) return [];
  const lines = citations.map(
    (citation) => `[${citation.index}] ${placeText(citation)}\n    "${citation.quote}"`,
  );
  return [`${title}:\n${lines.join('\n')}`];
}
