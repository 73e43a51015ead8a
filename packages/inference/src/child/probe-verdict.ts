/** Right answers that a model of meaning gives: half of all passages, or nearly all of the best of three. */
const ENOUGH = { vectors: 1 / 2, scores: 7 / 8 } as const;

/**
 * Why vectors of questions and of the passages that answer them, in the same order, mean nothing; undefined when at
 * least half of the questions are nearer to their own passage than to any other. Models of random weights find a third
 * of 16 at most; trained static vectors find 11, and a sentence encoder 16 (`probe-model.long.test.ts`).
 */
export function whyVectorsMeanNothing(
  questions: readonly Float32Array[],
  passages: readonly Float32Array[],
): string | undefined {
  const all = [...questions, ...passages];
  if (all.some(({ length }) => length === 0)) return 'it makes no vector of a text';
  if (all.some((vector) => !vector.every(Number.isFinite)))
    return 'its vectors hold values that are no numbers';
  if (all.some((vector) => vector.every((value) => value === 0))) return 'its vectors are zero';
  const similarities = questions.map((question) => passages.map((passage) => product(question, passage)));
  if (areEqual(similarities.flat())) return 'it makes the same vector of every text';
  const found = similarities.filter((row, own) => isHighest(row, own)).length;
  if (found >= ENOUGH.vectors * questions.length) return undefined;
  return `it finds the right passage for ${found} of ${questions.length} questions only`;
}

/**
 * Why scores mean nothing; undefined when nearly all questions score their own passage, the first of each row, higher
 * than the others. Scores at random pass once in 400 times, with two other passages.
 */
export function whyScoresMeanNothing(rows: readonly (readonly number[])[]): string | undefined {
  const all = rows.flat();
  if (!all.every(Number.isFinite)) return 'its scores are no numbers';
  if (areEqual(all)) return `it gives every text the same score, about ${all[0]?.toPrecision(1)}`;
  const found = rows.filter((row) => isHighest(row, 0)).length;
  if (found >= ENOUGH.scores * rows.length) return undefined;
  return `it scores the right passage highest for ${found} of ${rows.length} questions only`;
}

/** Below that, differences are those of rounding. */
const SMALLEST_DIFFERENCE = 1e-6;

function areEqual(values: readonly number[]): boolean {
  return Math.max(...values) - Math.min(...values) < SMALLEST_DIFFERENCE;
}

function isHighest(values: readonly number[], index: number): boolean {
  const own = values[index] ?? Number.NaN;
  return values.every((value, other) => other === index || own - value > SMALLEST_DIFFERENCE);
}

function product(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
