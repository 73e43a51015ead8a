import type { BatchItem, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { inBatchOrder, placeInBatch } from './batch-order.ts';

const item = (index: number, tokens: number): BatchItem => ({
  tokens: Array.from({ length: tokens }, () => 1 as Token),
  logits: [],
  ...placeInBatch(index),
});

describe('a batch', () => {
  it('has the sequences in their order, whoever came first', () => {
    const items = [item(3, 1), item(0, 128), item(2, 1), item(1, 1)];
    const batch = inBatchOrder({ items, size: 132 });
    expect(batch.map((one) => [items.indexOf(one.item as BatchItem), one.processAmount])).toEqual([
      [1, 128],
      [3, 1],
      [2, 1],
      [0, 1],
    ]);
  });

  it('holds no more than there is room for', () => {
    const batch = inBatchOrder({ items: [item(1, 4), item(0, 8), item(2, 4)], size: 10 });
    expect(batch.map(({ processAmount }) => processAmount)).toEqual([8, 2]);
  });
});
