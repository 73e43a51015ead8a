import { analyse } from '@xnai/text/analyse';
import type { NearTerm, StoreHit } from '../store/store.ts';

/** The results in which words are looked up as they are written. */
const LOOKED_AT = 10;

/**
 * The question as it was searched: in place of a word that no chunk holds, the word that the results have for it.
 * Undefined where nothing was replaced.
 */
export function searchedAs(
  query: string,
  near: readonly NearTerm[],
  results: readonly StoreHit[],
): string | undefined {
  if (near.length === 0) return undefined;
  const texts = results.slice(0, LOOKED_AT).map(({ chunk }) => [chunk.text, ...chunk.heading].join('\n'));
  const written = new Map(near.map((each) => [each.term, writtenAs(each.near, texts)]));
  let searched = '';
  let from = 0;
  for (const { term, start, end, isPart } of analyse(query)) {
    const word = isPart ? undefined : written.get(term);
    if (word === undefined || start < from || isForm(query.slice(start, end), word)) continue;
    searched += query.slice(from, start) + word;
    from = end;
  }
  return from === 0 ? undefined : searched + query.slice(from);
}

const MOST_ENDING = 3;

/** Another form of the same word is nothing to speak of: "lösche" and "löschen". */
function isForm(asked: string, found: string): boolean {
  const [one, other] = [asked.toLowerCase(), found.toLowerCase()];
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.startsWith(short) && long.length - short.length <= MOST_ENDING;
}

function writtenAs(near: readonly string[], texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const found = analyse(text).find(({ term, isPart }) => !isPart && near.includes(term));
    if (found !== undefined) return text.slice(found.start, found.end);
  }
  return undefined;
}
