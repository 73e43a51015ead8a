export interface Work {
  readonly promptCharacters: number;
  readonly maxTokens: number | undefined;
}

export interface Expectation {
  readonly firstTokenMs: number;
  readonly totalMs: number;
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
  return {
    observe(seen) {
      msPerCharacter = mix(msPerCharacter, seen.promptMs / Math.max(1, seen.promptCharacters));
      if (seen.tokens > 1) msPerToken = mix(msPerToken, seen.predictedMs / (seen.tokens - 1));
      tokens = mix(tokens, seen.tokens);
    },
    expect({ promptCharacters, maxTokens }) {
      if (msPerCharacter === undefined || tokens === undefined) return undefined;
      const firstTokenMs = promptCharacters * msPerCharacter;
      const length = Math.min(tokens, maxTokens ?? tokens);
      return { firstTokenMs, totalMs: firstTokenMs + length * (msPerToken ?? 0) };
    },
  };
}

const WEIGHT = 0.25;

function mix(mean: number | undefined, value: number): number {
  return mean === undefined ? value : mean + WEIGHT * (value - mean);
}
