/** Words of a text and how often each stands in it; signs around them do not count. */
function wordsOf(text: string): Map<string, number> {
  const words = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu))
    words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}

export interface Overlap {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Words of the truth that the text lacks, with how often. */
  readonly missing: ReadonlyMap<string, number>;
  readonly extra: ReadonlyMap<string, number>;
}

/** How well a text has the words of another, each as often. */
export function overlapOf(text: string, truth: string): Overlap {
  const [found, wanted] = [wordsOf(text), wordsOf(truth)];
  const missing = lacking(wanted, found);
  const extra = lacking(found, wanted);
  const common = sum(wanted) - sum(missing);
  const precision = sum(found) === 0 ? 0 : common / sum(found);
  const recall = sum(wanted) === 0 ? 1 : common / sum(wanted);
  return {
    precision,
    recall,
    f1: common === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    missing,
    extra,
  };
}

function lacking(
  wanted: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): Map<string, number> {
  const lacks = new Map<string, number>();
  for (const [word, times] of wanted) {
    const left = times - (found.get(word) ?? 0);
    if (left > 0) lacks.set(word, left);
  }
  return lacks;
}

function sum(words: ReadonlyMap<string, number>): number {
  return [...words.values()].reduce((total, times) => total + times, 0);
}
