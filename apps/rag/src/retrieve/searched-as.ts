import { analyse, detectLanguage, isForeign, isMisspelling } from '@xnai/text/analyse';
import type { NearTerm, StoreHit } from '../store/store.ts';

/** The results in which words are looked up as they are written. */
const LOOKED_AT = 10;

/**
 * The question as it was searched: in place of a misspelt word that no chunk holds, the word that the results have for it.
 * Undefined where no word is misspelt: another form of a word, a compound with it, or a word of
 * another language is nothing to speak of.
 */
export function searchedAs(
  query: string,
  near: readonly NearTerm[],
  results: readonly StoreHit[],
): string | undefined {
  if (near.length === 0) return undefined;
  const texts = results.slice(0, LOOKED_AT).map(({ chunk }) => [chunk.text, ...chunk.heading].join('\n'));
  if (isForeign(query, texts.map(detectLanguage))) return undefined;
  const others = new Map(near.map((each) => [each.term, each.near]));
  let searched = '';
  let from = 0;
  for (const { term, start, end, isPart } of analyse(query)) {
    const word =
      isPart || start < from ? undefined : writtenAs(query.slice(start, end), others.get(term), texts);
    if (word === undefined) continue;
    searched += query.slice(from, start) + word;
    from = end;
  }
  return from === 0 ? undefined : searched + query.slice(from);
}

/** The first word of the texts that is spelt right what was asked. */
function writtenAs(
  asked: string,
  near: readonly string[] = [],
  texts: readonly string[],
): string | undefined {
  if (near.length === 0) return undefined;
  for (const text of texts) {
    for (const { term, start, end, isPart } of analyse(text)) {
      const word = text.slice(start, end);
      if (!isPart && near.includes(term) && isMisspelling(asked, word)) return word;
    }
  }
  return undefined;
}
