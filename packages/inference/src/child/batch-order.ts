import type { BatchItem, CustomBatchingPrioritizationStrategy, EvaluationPriority } from 'node-llama-cpp';

/**
 * The engine evaluates sequences together only where their numbers follow each other in the batch; out of order, each
 * costs a pass over all weights. The library does not tell a strategy whose tokens it sorts, but hands on a priority.
 */
export const inBatchOrder: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
  let left = size;
  return items
    .toSorted((a, b) => a.evaluationPriority - b.evaluationPriority)
    .map((item: BatchItem) => {
      const processAmount = Math.min(item.tokens.length, left);
      left -= processAmount;
      return { item, processAmount };
    })
    .filter(({ processAmount }) => processAmount > 0);
};

/** For the calls of the sequence with that number. */
export function placeInBatch(index: number): { readonly evaluationPriority: EvaluationPriority } {
  return { evaluationPriority: index as EvaluationPriority };
}
