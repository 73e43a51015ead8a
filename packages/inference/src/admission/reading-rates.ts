import { createServiceRates, type Expectation } from './service-rates.ts';

/** Measured time per character of models that only read text. */
export interface ReadingRates {
  expect(characters: number): Expectation | undefined;
  observe(characters: number, tookMs: number): void;
}

export function createReadingRates(): ReadingRates {
  const rates = createServiceRates();
  return {
    expect: (promptCharacters) => rates.expect({ promptCharacters, maxTokens: 0 }),
    observe: (promptCharacters, promptMs) =>
      rates.observe({ promptCharacters, promptMs, tokens: 0, predictedMs: 0, isCut: false }),
  };
}
