import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const cwd = fileURLToPath(new URL('..', import.meta.url));

test('every file that CONTRIBUTING.md names is there', () => {
  const text = readFileSync(`${cwd}/CONTRIBUTING.md`, 'utf8');
  // The end of a path in a picture, a whole one elsewhere; `apps/*/` stands for one of the apps.
  const named = new Set(text.match(/[\w*./-]+\.(?:tsx?|mjs)\b/g)?.map((path) => path.replace('apps/*/', '')));
  const sources = globSync('{apps,packages,test}/**/*.{ts,tsx,mjs}', {
    cwd,
    exclude: (path) => path.endsWith('node_modules'),
  }).map((path) => `/${path}`);

  expect(named.size).toBeGreaterThan(40);
  expect([...named].filter((name) => !sources.some((path) => path.endsWith(`/${name}`)))).toEqual([]);
});
