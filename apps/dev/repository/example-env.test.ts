import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

test('every variable of the compose files stands in .env.example', () => {
  const files = globSync('compose/*.yaml', { cwd: root });
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
  const used = new Set(
    texts.flatMap((text) => [...text.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name)),
  );
  const named = [...readFileSync(join(root, '.env.example'), 'utf8').matchAll(/^#?([A-Z0-9_]+)=/gm)];
  expect(used.size).toBeGreaterThan(10);
  expect([...used.difference(new Set(named.map(([, name]) => name)))]).toEqual([]);
});
