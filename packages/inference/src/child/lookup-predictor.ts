import { type Token, TokenPredictor } from 'node-llama-cpp';

/**
 * Predicts that a text which repeats its last tokens goes on as it did before: prompt-lookup decoding
 * (https://github.com/apoorvumang/prompt-lookup-decoding), so that it speaks only where an answer quotes. One token at a
 * time: the library (3.22.1) refutes every further one, because it compares it with an output that it has not kept. The
 * library's own predictor is told the prompt only by the library's chat classes.
 */
export class LookupPredictor extends TokenPredictor {
  readonly #isWanted: () => boolean;
  #tokens: Token[] = [];
  #isGreedy = false;

  /** `isWanted`: false while predictions cost more than they gain. */
  constructor(isWanted: () => boolean) {
    super();
    this.#isWanted = isWanted;
  }

  override reset({ stateTokens, evaluateOptions }: Parameters<TokenPredictor['reset']>[0]): void {
    // A token that is chosen by chance would depend on what was predicted, and penalties would be counted too late.
    this.#isGreedy = evaluateOptions.temperature === 0 && evaluateOptions.repeatPenalty === undefined;
    this.#tokens = this.#isGreedy ? [...stateTokens] : [];
  }

  override pushTokens(tokens: Token[]): void {
    if (this.#isGreedy) this.#tokens.push(...tokens);
  }

  override predictTokens(): Token[] {
    const next = this.#isGreedy && this.#isWanted() ? continuationOf(this.#tokens) : undefined;
    return next === undefined ? [] : [next];
  }
}

/** The tokens that one prediction adds to a batch. */
export const DRAFT_TOKENS = 1;

/** What came after the latest earlier place that ends in the same tokens. */
export function continuationOf<T>(tokens: readonly T[]): T | undefined {
  const end = tokens.length;
  const isSame = (at: number) => {
    for (let back = 1; back <= PATTERN_TOKENS; back++) {
      if (tokens[at - back] !== tokens[end - back]) return false;
    }
    return true;
  };
  for (let at = end - 1; at >= PATTERN_TOKENS; at--) if (isSame(at)) return tokens[at];
  return undefined;
}

/** Two tokens in a row are often the same by chance ("of the"). */
const PATTERN_TOKENS = 3;
