/** A question waits for the batch before it, so that this is about the longest that it waits. Chosen, not measured. */
const MOST_MS = 100;
const MOST_TEXTS = 64;

/** The size of the next batch: the largest that takes a tenth of a second, at least one text. */
export function nextSize(size: number, texts: number, tookMs: number): number {
  if (tookMs > MOST_MS) return Math.max(1, Math.floor(size / 2));
  return texts === size && tookMs < MOST_MS / 2 ? Math.min(MOST_TEXTS, size * 2) : size;
}
