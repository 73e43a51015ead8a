import { createServiceRates, type Expectation } from './service-rates.ts';

/** What models take that read and write nothing: by characters, as lately measured. */
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
