export interface Candidate {
  readonly busy: boolean;
  /** Tokens at the beginning of the prompt whose state the sequence still has. */
  readonly shared: number;
  /** A clock that ticks with each use. */
  readonly usedAt: number;
}

/**
 * The number of the idle sequence for a new prompt: the one that shares most with it; of those that share about as
 * much the one unused for longest, as its state is missed least. Where there are more sequences than the kernels
 * take rows at once, one beside a busy one goes before that: only neighbours are evaluated in one pass.
 */
export function chooseSequence(all: readonly Candidate[]): number | undefined {
  const idle = all.flatMap((one, index) => (one.busy ? [] : [{ ...one, index }]));
  const most = Math.max(...idle.map(({ shared }) => shared));
  const isBeside = (index: number) =>
    all.length > ROWS_AT_ONCE && (all[index - 1]?.busy === true || all[index + 1]?.busy === true);
  return idle
    .filter(({ shared }) => shared > most - ABOUT_AS_MUCH)
    .sort((a, b) => Number(isBeside(b.index)) - Number(isBeside(a.index)) || a.usedAt - b.usedAt)[0]?.index;
}

/** Of ggml's kernels for quantized weights. */
const ROWS_AT_ONCE = 4;
/** Tokens; evaluating fewer takes no longer than anybody notices. */
const ABOUT_AS_MUCH = 8;
