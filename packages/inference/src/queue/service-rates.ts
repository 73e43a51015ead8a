export interface ExpectedTimes {
  /** Until the first token, or until the complete result of a model that writes none. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
  /** A time that few calls exceed. */
  readonly longMs: number;
}

export interface ServedCall {
  readonly promptCharacters: number;
  readonly promptMs: number;
  readonly tokens: number;
  /** Whether the answer ended at its token limit, so that its full length is unknown. */
  readonly isCut: boolean;
  readonly predictedMs: number;
}

export type ServiceRates = ReturnType<typeof createServiceRates>;

/** Exponentially weighted means of the times of recent calls. */
export function createServiceRates() {
  let msPerCharacter: number | undefined;
  let msPerToken: number | undefined;
  let tokens: number | undefined;
  let deviation = 0;
  /** Of answers that were cut: only a lower bound. */
  let longestCut = 0;

  function observeLength(served: ServedCall): void {
    if (served.isCut) longestCut = Math.max(longestCut, served.tokens);
    if (served.isCut && (tokens === undefined || served.tokens <= tokens)) return;
    if (tokens !== undefined) deviation = mix(deviation, Math.abs(served.tokens - tokens));
    tokens = mix(tokens, served.tokens);
  }

  return {
    observe(served: ServedCall): void {
      msPerCharacter = mix(msPerCharacter, served.promptMs / Math.max(1, served.promptCharacters));
      if (served.tokens > 1) msPerToken = mix(msPerToken, served.predictedMs / (served.tokens - 1));
      observeLength(served);
    },
    /** Undefined until something has been measured: no call is refused because of a guess. */
    expect(promptCharacters: number, maxTokens: number | undefined): ExpectedTimes | undefined {
      if (msPerCharacter === undefined) return undefined;
      const firstTokenMs = promptCharacters * msPerCharacter;
      const usual = tokens ?? maxTokens ?? longestCut;
      const takes = (length: number) =>
        firstTokenMs + Math.min(length, maxTokens ?? length) * (msPerToken ?? 0);
      return { firstTokenMs, totalMs: takes(usual), longMs: takes(usual + FEW_BEYOND * deviation) };
    },
  };
}

const WEIGHT = 0.25;
/** In mean deviations. */
const FEW_BEYOND = 2;

function mix(mean: number | undefined, value: number): number {
  return mean === undefined ? value : mean + WEIGHT * (value - mean);
}
