import { expect, test } from 'vitest';
import { statedValue, WEIGHTS } from './list.ts';

test.each(WEIGHTS.map((weight) => [weight.name, weight] as const))('%s is stated', async (_, weight) => {
  expect(await statedValue(weight)).not.toBeNaN();
});
