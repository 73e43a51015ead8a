import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readSbom } from './sbom.ts';

const pnpm = fileURLToPath(import.meta.resolve('../../../node_modules/.bin/pnpm'));

test('the bill of materials names the product, and each package by purl and licence', async () => {
  const sbom = await readSbom(pnpm);
  expect(sbom.metadata.component).toEqual({
    name: 'xoe-novai',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
  const fastify = sbom.components.filter(({ purl }) => /^pkg:npm\/fastify@\d+\.\d+\.\d+$/.test(purl));
  expect(fastify).toEqual([{ purl: fastify[0]?.purl, licenses: [{ license: { id: 'MIT' } }] }]);
  expect(sbom.components.find(({ purl }) => purl.startsWith('pkg:npm/vitest@'))?.scope).toBe('excluded');
});
