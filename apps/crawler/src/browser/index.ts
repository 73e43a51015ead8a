export { findChromium } from './find-chromium.ts';
export { processesOf } from './kill-processes-of.ts';
export { FLAGS } from './launch-chromium.ts';
export { openRenderer } from './open-renderer.ts';
export { createPageFetcher } from './page-fetcher.ts';
