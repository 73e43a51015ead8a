import { expect, test } from 'vitest';
import { hybridRows } from './hybrid.ts';
import type { RankReport } from './rank.ts';

const report = (ndcg10: number, mrr10: readonly number[]): RankReport => ({
  mean: { ndcg10, recall100: 1, mrr10: 0 },
  queries: mrr10.map((mrr, at) => ({
    query: `q${at}`,
    ndcg10,
    recall100: 1,
    mrr10: mrr,
    documents: 10,
    top: [],
  })),
  unjudged: 0,
  clipped: 0,
  tookMs: 0,
});
const words = report(0.5, [1, 0, 0, 0, 0]);

test('counts what vectors find of the questions that words miss', () => {
  const rows = hybridRows('squad-quarter', {
    lexical: words,
    dense: report(0.2, [0, 0.5, 0, 0, 0]),
    hybrid: report(0.495, [1, 0, 0, 0, 0]),
  });
  expect(rows.at(-1)).toMatchObject({
    what: 'of 4 that words miss, vectors find',
    value: 0.25,
    isMet: true,
  });
  expect(rows.find(({ what }) => what === 'both less words')).toMatchObject({ isMet: true });
});

test('misses its aim where both together are worse than words', () => {
  const rows = hybridRows('any', { lexical: words, dense: words, hybrid: report(0.48, [1, 0, 0, 0, 0]) });
  expect(rows.filter(({ isMet }) => isMet === false)).toMatchObject([{ what: 'both less words' }]);
});
