import type { Citation, UrlCitation } from '@xnai/contracts';
import { marksIn } from '../ask/text/marks.ts';
import { type LinkTo, linkOf } from './document-links.ts';

/**
 * The marks `[n]` of an answer as OpenAI's clients read citations, each with the address of its source. OpenAI's own
 * examples slice Python strings by the indexes, so that they count code points, and the end is exclusive.
 */
export function annotate(answer: string, citations: readonly Citation[], linkTo: LinkTo): UrlCitation[] {
  const cited = new Map(citations.map((citation) => [citation.index, citation]));
  const count = createPointCounter(answer);
  return marksIn(answer).flatMap(({ number, start, end }) => {
    const citation = cited.get(number);
    const url = citation && linkOf(citation, linkTo);
    if (url === undefined) return [];
    const title = citation?.title ?? citation?.document_id ?? url;
    return { url, title, start_index: count(start), end_index: count(end) };
  });
}

/** Says how many code points a text has before an offset in UTF-16 units; the offsets must ascend. */
function createPointCounter(text: string): (offset: number) => number {
  let points = 0;
  let counted = 0;
  return (offset) => {
    points += [...text.slice(counted, offset)].length;
    counted = offset;
    return points;
  };
}
