import type { BatchItem, CustomBatchingPrioritizationStrategy, EvaluationPriority } from 'node-llama-cpp';

/**
 * Sorts a batch by the numbers of its sequences. The engine evaluates sequences together only where their numbers
 * follow each other; out of order, each sequence costs a pass over all weights. The library does not tell a strategy
 * which sequence an item belongs to, but passes on a priority, which carries the number here.
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

/** Options for the calls of the sequence with that number. */
export function placeInBatch(index: number): { readonly evaluationPriority: EvaluationPriority } {
  return { evaluationPriority: index as EvaluationPriority };
}
