import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findUpwardImports, type Source } from './find-upward-imports.ts';
import { LAYERS } from './layers.ts';

const ROOT = join(import.meta.dirname, '../..');

test.each(Object.entries(LAYERS))('arrows in %s point down', (workspace, layers) => {
  const folder = join(ROOT, workspace);
  const sources = globSync('**/*.ts', { cwd: folder })
    .filter((path) => !path.endsWith('.test.ts') && !path.includes('testing/'))
    .map((path): Source => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
  expect(sources.length).toBeGreaterThan(5);
  expect(findUpwardImports(layers, sources)).toEqual([]);
});

const LAYERS_OF_TEST = ['errors.ts', 'store', ['answer', 'ingest'], 'main.ts'];

test.each([
  ['a lower layer', 'answer/a.ts', "import { read } from '../store/read.ts';"],
  ['its own layer', 'store/sqlite/a.ts', "export { b } from '../b.ts';"],
  ['a package', 'store/a.ts', "import { z } from 'zod';"],
])('an import from %s is fine', (_what, path, text) => {
  expect(findUpwardImports(LAYERS_OF_TEST, [{ path, text }])).toEqual([]);
});

test.each([
  ['a higher layer', 'store/a.ts', "import { ask } from '../answer/ask.ts';"],
  ['a higher layer, for its type', 'store/a.ts', "import type { Ask } from '../answer/ask.ts';"],
  ['a higher layer, to export it', 'store/a.ts', "export * from '../answer/ask.ts';"],
  ['a neighbour', 'ingest/a.ts', "import { ask } from '../answer/ask.ts';"],
  ['no layer', 'store/a.ts', "import { ask } from '../elsewhere/ask.ts';"],
])('an import from %s is found', (_what, path, text) => {
  expect(findUpwardImports(LAYERS_OF_TEST, [{ path, text }])).toHaveLength(1);
});

test('a file without a layer is found', () => {
  expect(findUpwardImports(LAYERS_OF_TEST, [{ path: 'new/a.ts', text: '' }])).toEqual([
    'new/a.ts is in none of the layers',
  ]);
});
