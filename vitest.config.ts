import { defineConfig } from 'vitest/config';

/**
 * XNAI_TEST chooses the suite: `unit` (npm test), `compose` (npm run test:compose: real containers) or `long`
 * (npm run test:long: soaks and thousands of cycles).
 */
const suite = process.env.XNAI_TEST ?? 'unit';
const isUnit = suite === 'unit';
/** `.ci/run` counts by this. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: [`{apps,packages,scripts,compose,test}/**/*${isUnit ? '' : `.${suite}`}.test.ts`],
    exclude: ['**/node_modules/**', ...(isUnit ? ['**/*.long.test.ts', '**/*.compose.test.ts'] : [])],
    // Ends what hangs; says nothing of speed.
    testTimeout: isUnit ? 60_000 : 1_800_000,
    hookTimeout: isUnit ? 60_000 : 1_800_000,
    maxWorkers: isUnit ? 2 : 1,
    ...(report === undefined ? {} : { reporters: ['default', ['json', { outputFile: report }]] }),
  },
});
