import { defineConfig } from 'vitest/config';

/** `npm run test:long` sets XNAI_TEST_LONG: soaks and thousands of cycles, too long for every change. */
const isLong = process.env['XNAI_TEST_LONG'] === '1';

export default defineConfig({
  test: {
    include: [`{apps,packages,scripts,compose,test,bench}/**/*.${isLong ? 'long.' : ''}test.ts`],
    exclude: ['**/node_modules/**', ...(isLong ? [] : ['**/*.long.test.ts'])],
    testTimeout: isLong ? 1_800_000 : 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
