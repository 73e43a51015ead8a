import { expect, test } from 'vitest';
import { readDirectives } from './robots-directives.ts';

test.each([
  // The headers, the contents of metas, what is asked: i(ndex) and f(ollow) denied.
  [undefined, [], ''],
  ['noindex', [], 'i'],
  ['none', [], 'if'],
  ['NoIndex , nofollow', [], 'if'],
  [['noarchive', 'nofollow'], [], 'f'],
  ['otherbot: noindex', [], ''],
  ['otherbot: noindex, nofollow', [], ''],
  ['XoeNovAI: noindex', [], 'i'],
  ['otherbot: noindex, xoenovai: nofollow', [], 'f'],
  [['otherbot: none', 'nofollow'], [], 'f'],
  ['max-image-preview:none', [], ''],
  ['max-snippet: 0, noindex', [], 'i'],
  ['unavailable_after: Sunday, 06-Nov-94 08:49:37 GMT', [], 'i'],
  ['unavailable_after: 25 Jun 2094 15:00:00 GMT, nofollow', [], 'f'],
  ['unavailable_after: some day', [], ''],
  [undefined, ['index, follow, max-image-preview:none, max-snippet:-1'], ''],
  [undefined, ['index, follow', 'noindex'], 'i'],
  [undefined, ['nonesuch, noindexes'], ''],
  [undefined, ['none'], 'if'],
  ['index', ['nofollow'], 'f'],
] as const)('%j with metas %j', (headers, metas, wanted) => {
  const { noindex, nofollow } = readDirectives(headers, metas);
  expect(`${noindex ? 'i' : ''}${nofollow ? 'f' : ''}`).toBe(wanted);
});
