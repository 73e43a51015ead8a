import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Of one workspace, whose folder is the working directory. XNAI_TEST chooses the suite: `unit` (npm test), `compose`
 * (npm run test:compose: real containers) or `long` (npm run test:long: soaks and thousands of cycles).
 */
const suite = process.env.XNAI_TEST ?? 'unit';
const isUnit = suite === 'unit';

export default defineConfig({
  test: {
    root: process.cwd(),
    include: [`**/*${isUnit ? '' : `.${suite}`}.test.ts`],
    exclude: [
      '**/node_modules/**',
      'bench/**',
      ...(isUnit ? ['**/*.long.test.ts', '**/*.compose.test.ts'] : []),
    ],
    passWithNoTests: true,
    // Ends what hangs; says nothing of speed.
    testTimeout: isUnit ? 60_000 : 1_800_000,
    hookTimeout: isUnit ? 60_000 : 1_800_000,
    expect: { poll: { timeout: 20_000 } },
    // Workspaces are tested one after another, so that this is the number of workers in all.
    maxWorkers: isUnit ? Math.max(1, availableParallelism()) : 1,
    reporters: ['default', ['json', { outputFile: `.reports/${suite}.json` }]],
  },
});
