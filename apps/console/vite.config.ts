import { defineConfig } from 'vite';

/** Everything is a file of its own: the content security policy of the page allows nothing inline. */
export default defineConfig({
  base: '/',
  build: {
    target: 'es2024',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  // `npm run setup` shows what fails, and nothing else.
  logLevel: 'warn',
});
