import type { SearchResponse } from '@xnai/contracts';
import { degradedText } from './degraded-text.ts';
import { placeText } from './place.ts';

/** Results of a search, each with its place. */
export function resultsText({ results, searched, degraded }: SearchResponse): string {
  const found = results.map((result) => `${result.rank}. ${placeText(result)}\n${result.text}`);
  return [
    ...(searched === undefined ? [] : [`Searched for: ${searched}`]),
    ...(found.length === 0 ? ['Nothing was found.'] : found),
    ...degradedText(degraded),
  ].join('\n\n');
}
