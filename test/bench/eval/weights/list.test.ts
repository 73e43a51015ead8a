import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { statedValue, WEIGHTS } from './list.ts';

test.each(WEIGHTS.map((weight) => [weight.name, weight] as const))('%s is stated', async (_, weight) => {
  expect(await statedValue(weight)).not.toBeNaN();
});

test('no feature of a statement is left out', async () => {
  const name = 'FEATURE_WEIGHTS';
  const listed = WEIGHTS.filter((weight) => weight.name.startsWith(`${name}.`));
  const source = await readFile(new URL(listed[0]?.module ?? ''), 'utf8');
  const [, table = ''] = new RegExp(String.raw`const ${name}\b[^=]* = \{([^}]*)\}`).exec(source) ?? [];
  const entries = table.replaceAll(/\/\/.*/g, '');
  const stated = [...entries.matchAll(/(\w+):/g)].map(([, entry]) => `${name}.${entry}`);
  expect(listed.map(({ name }) => name)).toEqual(stated);
});
