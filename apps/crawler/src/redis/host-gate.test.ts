import { article } from '@xnai/testing';
import { expect, it } from 'vitest';
import { startTestStack } from '../testing/test-stack.ts';

it('holds the gap and the number of requests of a host over all crawls and replicas', async () => {
  await using stack = await startTestStack();
  const { site, crawler } = stack;
  const replica = await stack.addReplica();
  const names = Array.from({ length: 8 }, (_, index) => `/p${index}`);
  let inFlight = 0;
  let most = 0;
  const ends: number[] = [];
  const gaps: number[] = [];
  site.pages['/robots.txt'] = '';
  site.pages['/'] = article('Home', names);
  for (const name of names) {
    site.pages[name] = (_request, response) => {
      gaps.push(performance.now() - (ends.at(-1) ?? Number.NEGATIVE_INFINITY));
      inFlight += 1;
      most = Math.max(most, inFlight);
      setTimeout(() => {
        inFlight -= 1;
        ends.push(performance.now());
        response.setHeader('content-type', 'text/html');
        response.end(`<main><h1>${name}</h1><p>Text of ${name}.</p></main>`);
      }, 100);
    };
  }
  const crawlBoth = async (name: string, options: object) => {
    const request = { url: `${site.origin}/`, sitemap: 'skip', ...options };
    const ids = await Promise.all(
      [crawler, replica].map((one, index) => one.submit({ ...request, collection: `${name}${index}` })),
    );
    for (const id of ids) expect(await crawler.finish(id)).toMatchObject({ counters: { indexed: 9 } });
  };

  await crawlBoth('many', { maxConcurrency: 3 });
  expect(most).toBeLessThanOrEqual(3);
  expect(most).toBeGreaterThan(1);

  most = 0;
  gaps.length = 0;
  await crawlBoth('slow', { delay: 0.2 });
  expect(most).toBe(1);
  // No request begins before the gap since the end of the last one is over; each waited for one.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(190);
}, 120_000);
