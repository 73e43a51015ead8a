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
  #draft: Token | undefined;
  /** Wrong predictions less right ones in this answer. */
  #wrong = 0;

  /** `isWanted`: false while predictions cost more than they gain. */
  constructor(isWanted: () => boolean) {
    super();
    this.#isWanted = isWanted;
  }

  override reset({ stateTokens, evaluateOptions }: Parameters<TokenPredictor['reset']>[0]): void {
    // A token that is chosen by chance would depend on what was predicted, and penalties would be counted too late.
    this.#isGreedy = evaluateOptions.temperature === 0 && evaluateOptions.repeatPenalty === undefined;
    this.#tokens = this.#isGreedy ? [...stateTokens] : [];
    this.#draft = undefined;
    this.#wrong = 0;
  }

  override pushTokens(tokens: Token[]): void {
    if (this.#draft !== undefined) this.#wrong += tokens[0] === this.#draft ? -1 : 1;
    this.#draft = undefined;
    if (this.#isGreedy) this.#tokens.push(...tokens);
  }

  override predictTokens(): Token[] {
    const isUseful = this.#isGreedy && this.#wrong < MOST_WRONG && this.#isWanted();
    this.#draft = isUseful ? continuationOf(this.#tokens) : undefined;
    return this.#draft === undefined ? [] : [this.#draft];
  }
}

/** A pass over two tokens takes about 1.5 times as long as one on a CPU: half of the predictions must come true. */
const MOST_WRONG = 4;

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
