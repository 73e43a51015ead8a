export interface SequenceUse {
  readonly busy: boolean;
  /** Number of tokens at the beginning of the prompt whose state the sequence still holds. */
  readonly shared: number;
  /** A clock that ticks with each use. */
  readonly usedAt: number;
}

/**
 * Chooses the idle sequence for a new prompt: the one that shares the longest beginning with it; among those that share
 * about the same length, the least recently used. With more sequences than a kernel evaluates in one pass, a sequence
 * beside a busy one takes precedence over that, because only neighbours are evaluated in one pass.
 */
export function chooseSequence(all: readonly SequenceUse[]): number | undefined {
  const idle = all.flatMap((one, index) => (one.busy ? [] : [{ ...one, index }]));
  const most = Math.max(...idle.map(({ shared }) => shared));
  const isBeside = (index: number) =>
    all.length > ROWS_PER_PASS && (all[index - 1]?.busy === true || all[index + 1]?.busy === true);
  return idle
    .filter(({ shared }) => shared > most - ABOUT_THE_SAME)
    .sort((a, b) => Number(isBeside(b.index)) - Number(isBeside(a.index)) || a.usedAt - b.usedAt)[0]?.index;
}

/** Of ggml's kernels for quantized weights. */
const ROWS_PER_PASS = 4;
/** In tokens; evaluating fewer takes no noticeable time. */
const ABOUT_THE_SAME = 8;
