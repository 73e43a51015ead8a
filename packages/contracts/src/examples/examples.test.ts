import { expect, test } from 'vitest';
import type { z } from 'zod';
import * as contracts from '../index.ts';
import { EXAMPLES } from './examples.ts';

test.each(Object.entries(EXAMPLES))('the example of %s is one, without further fields', (name, example) => {
  const schema = (contracts as unknown as Record<string, z.ZodType>)[name];
  expect(schema?.parse(example)).toMatchObject(example);
});
