import { exposedSockets } from '@xnai/egress';
import { expect, test } from 'vitest';

test('Crawlee and Playwright open no port when they are loaded', async () => {
  const before = exposedSockets();
  await import('@crawlee/cheerio');
  await import('playwright-core');
  expect(exposedSockets()).toEqual(before);
});
