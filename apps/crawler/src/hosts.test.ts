import { article } from '@xnai/testing';
import { afterEach, expect, it } from 'vitest';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

let stack: TestStack | undefined;

afterEach(() => stack?.[Symbol.asyncDispose]());

it('leaves a host alone whose every page fails, by its breaker', async () => {
  stack = await startTestStack();
  const { crawler, site } = stack;
  const links = Array.from({ length: 60 }, (_, i) => `/p${i}`);
  site.pages['/'] = article('Home', links);
  for (const link of links) site.pages[link] = { status: 500 };
  const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', maxConcurrency: 10 });
  // Eight failures in a row open it for five seconds; what was under way then is answered still.
  await crawler.until(id, () => site.paths.length > 9);
  const until = performance.now() + 2000;
  await crawler.until(id, () => performance.now() > until);
  expect(site.paths.length).toBeLessThanOrEqual(2 + 8 + 10);
  expect(await crawler.crawl(id)).toMatchObject({ status: 'running' });
  await crawler.request('DELETE', `/v1/crawls/${id}`);
  await crawler.finish(id);
});
