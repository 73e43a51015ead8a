import { describe, expect, it } from 'vitest';
import { figuresOf, mean } from './metrics.ts';

describe('the figures of one query', () => {
  it('discounts each gain by the logarithm of its rank, as worked out by hand', () => {
    const grades = new Map([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
    const figures = figuresOf(['a', 'x', 'b', 'y'], grades);
    // DCG 1/log2(2) + 1/log2(4) = 1.5; ideal 1 + 1/log2(3) + 1/log2(4) = 2.130930.
    expect(figures?.ndcg10).toBeCloseTo(0.703918, 6);
    expect(figures?.recall100).toBeCloseTo(2 / 3, 10);
    expect(figures?.mrr10).toBe(1);
  });

  it('takes grades as gains, without raising them to a power of two', () => {
    const figures = figuresOf(
      ['low', 'high'],
      new Map([
        ['high', 3],
        ['low', 1],
      ]),
    );
    // DCG 1 + 3/log2(3) = 2.892789; ideal 3 + 1/log2(3) = 3.630930.
    expect(figures?.ndcg10).toBeCloseTo(0.7967076, 6);
  });

  it('looks at ten ranks for nDCG and MRR, and at a hundred for recall', () => {
    const ranking = Array.from({ length: 120 }, (_, i) => `d${i + 1}`);
    expect(figuresOf(ranking, new Map([['d11', 1]]))).toEqual({ ndcg10: 0, recall100: 1, mrr10: 0 });
    expect(figuresOf(ranking, new Map([['d101', 1]]))?.recall100).toBe(0);
    expect(figuresOf(ranking, new Map([['d4', 1]]))?.mrr10).toBe(0.25);
  });

  it('counts relevant documents beyond the tenth rank in the ideal only up to ten', () => {
    const ranking = Array.from({ length: 10 }, (_, i) => `d${i}`);
    const grades = new Map(Array.from({ length: 15 }, (_, i) => [`d${i}`, 1] as const));
    expect(figuresOf(ranking, grades)?.ndcg10).toBe(1);
    expect(figuresOf(ranking, grades)?.recall100).toBeCloseTo(10 / 15, 10);
  });

  it('has none for a query without a relevant document, judged not relevant or negative', () => {
    expect(figuresOf(['a'], new Map([['a', 0]]))).toBeUndefined();
    expect(figuresOf(['a'], new Map([['a', -1]]))).toBeUndefined();
    expect(
      figuresOf(
        ['a', 'b'],
        new Map([
          ['a', -1],
          ['b', 1],
        ]),
      )?.mrr10,
    ).toBe(0.5);
  });

  it('has no mean over nothing', () => {
    expect(mean([])).toBeNaN();
    expect(mean([1, 2])).toBe(1.5);
  });
});
