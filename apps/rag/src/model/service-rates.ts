export interface Work {
  readonly promptCharacters: number;
  readonly maxTokens: number | undefined;
}

export interface Expectation {
  readonly firstTokenMs: number;
  readonly totalMs: number;
  /** Few take longer. */
  readonly longMs: number;
}

export interface Observation {
  readonly promptCharacters: number;
  readonly promptMs: number;
  readonly tokens: number;
  readonly predictedMs: number;
}

export interface ServiceRates {
  observe(observation: Observation): void;
  /** Undefined until something has been measured: a guess must not refuse anybody. */
  expect(work: Work): Expectation | undefined;
}

/** Exponentially weighted means of what requests took lately, under the load there was. */
export function createServiceRates(): ServiceRates {
  let msPerCharacter: number | undefined;
  let msPerToken: number | undefined;
  let tokens: number | undefined;
  let deviation = 0;
  return {
    observe(seen) {
      msPerCharacter = mix(msPerCharacter, seen.promptMs / Math.max(1, seen.promptCharacters));
      if (seen.tokens > 1) msPerToken = mix(msPerToken, seen.predictedMs / (seen.tokens - 1));
      if (tokens !== undefined) deviation = mix(deviation, Math.abs(seen.tokens - tokens));
      tokens = mix(tokens, seen.tokens);
    },
    expect({ promptCharacters, maxTokens }) {
      if (msPerCharacter === undefined || tokens === undefined) return undefined;
      const firstTokenMs = promptCharacters * msPerCharacter;
      const takes = (length: number) =>
        firstTokenMs + Math.min(length, maxTokens ?? length) * (msPerToken ?? 0);
      return { firstTokenMs, totalMs: takes(tokens), longMs: takes(tokens + FEW_BEYOND * deviation) };
    },
  };
}

const WEIGHT = 0.25;
/** Mean deviations. */
const FEW_BEYOND = 2;

function mix(mean: number | undefined, value: number): number {
  return mean === undefined ? value : mean + WEIGHT * (value - mean);
}
