export interface Work {
  readonly promptCharacters: number;
  readonly maxTokens: number | undefined;
}

export interface Expectation {
  /** Until the first word, or until the complete result of a model that writes none. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
  /** A time that few requests exceed. */
  readonly longMs: number;
}

export interface Observation {
  readonly promptCharacters: number;
  readonly promptMs: number;
  readonly tokens: number;
  /** Whether the answer ended at its token limit, so that its full length is unknown. */
  readonly isCut: boolean;
  readonly predictedMs: number;
}

export interface ServiceRates {
  observe(observation: Observation): void;
  /** Undefined until something has been measured: no request is refused because of a guess. */
  expect(work: Work): Expectation | undefined;
}

/** Exponentially weighted means of the times of recent requests. */
export function createServiceRates(): ServiceRates {
  let msPerCharacter: number | undefined;
  let msPerToken: number | undefined;
  const lengths = createLengths();
  return {
    observe(seen) {
      msPerCharacter = mix(msPerCharacter, seen.promptMs / Math.max(1, seen.promptCharacters));
      if (seen.tokens > 1) msPerToken = mix(msPerToken, seen.predictedMs / (seen.tokens - 1));
      lengths.observe(seen);
    },
    expect({ promptCharacters, maxTokens }) {
      if (msPerCharacter === undefined) return undefined;
      const firstTokenMs = promptCharacters * msPerCharacter;
      const takes = (length: number) => firstTokenMs + length * (msPerToken ?? 0);
      const { usual, long } = lengths.expect(maxTokens);
      return { firstTokenMs, totalMs: takes(usual), longMs: takes(long) };
    },
  };
}

/** The number of tokens of answers. An answer that was cut is only a lower bound. */
function createLengths() {
  let tokens: number | undefined;
  let deviation = 0;
  let longestCut = 0;
  return {
    observe(seen: Pick<Observation, 'tokens' | 'isCut'>): void {
      if (seen.isCut) longestCut = Math.max(longestCut, seen.tokens);
      if (seen.isCut && (tokens === undefined || seen.tokens <= tokens)) return;
      if (tokens !== undefined) deviation = mix(deviation, Math.abs(seen.tokens - tokens));
      tokens = mix(tokens, seen.tokens);
    },
    expect(most: number | undefined): { readonly usual: number; readonly long: number } {
      const usual = tokens ?? most ?? longestCut;
      const long = usual + FEW_BEYOND * deviation;
      return { usual: Math.min(usual, most ?? usual), long: Math.min(long, most ?? long) };
    },
  };
}

const WEIGHT = 0.25;
/** In mean deviations. */
const FEW_BEYOND = 2;

function mix(mean: number | undefined, value: number): number {
  return mean === undefined ? value : mean + WEIGHT * (value - mean);
}
