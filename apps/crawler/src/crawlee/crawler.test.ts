import { expect, test } from 'vitest';
import { Frontier } from '../frontier/frontier.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';
import { type CrawlPagesOptions, crawlPages, type ErrorDecision } from './crawler.ts';

interface Options extends Partial<CrawlPagesOptions> {
  readonly urls?: readonly string[];
}

/** Crawls with a frontier of three pages. `visits` has the URL and the retries of every visit. */
function crawl({ urls = ['http://a/1', 'http://a/2', 'http://a/3'], visit, ...options }: Options) {
  const perHost = { maxInFlight: 5, delayMs: 0 };
  const frontier = new Frontier({ limit: 100, counted: 0, perHost });
  frontier.applyRobots('a', undefined);
  for (const [order, url] of urls.entries()) frontier.enqueue({ url, depth: 0, order });
  const stopped = new AbortController();
  const visits: string[] = [];
  const given: string[] = [];
  const running = crawlPages({
    frontier,
    nextPage: async () => frontier.next(),
    async visit(page) {
      visits.push(`${page.url} ${page.retries}`);
      await visit?.(page);
      frontier.finish(page, { isCounted: true });
    },
    decide: () => ({ kind: 'give-up' }),
    async giveUp(page, error) {
      given.push(`${page.url} ${(error as Error).message}`);
      frontier.finish(page, { isCounted: true });
    },
    stop: (error) => stopped.abort(error),
    maxConcurrency: 5,
    memoryMb: 1024,
    signal: stopped.signal,
    ...options,
  });
  return { running, visits, given, stopped };
}

function failing(url: string, times = Infinity) {
  let failures = 0;
  return async (page: FrontierPage) => {
    if (page.url === url && failures++ < times) throw new Error('down');
  };
}

const decideOn = (kind: 'retry' | 'retry-uncounted') => (): ErrorDecision => ({ kind, atMs: Date.now() });

test('visits every page once', async () => {
  const { running, visits } = crawl({});
  await running;
  expect(visits.toSorted()).toEqual(['http://a/1 0', 'http://a/2 0', 'http://a/3 0']);
});

test('tries a page again twice, then gives it up with its last error', async () => {
  const { running, visits, given } = crawl({ visit: failing('http://a/2'), decide: decideOn('retry') });
  await running;
  expect(visits.filter((visit) => visit.startsWith('http://a/2'))).toEqual([
    'http://a/2 0',
    'http://a/2 1',
    'http://a/2 2',
  ]);
  expect(given).toEqual(['http://a/2 down']);
});

test('a retry that is not counted leaves the retries of the page as they are', async () => {
  const { running, visits, given } = crawl({
    visit: failing('http://a/2', 4),
    decide: decideOn('retry-uncounted'),
  });
  await running;
  expect(visits.filter((visit) => visit.startsWith('http://a/2'))).toEqual(Array(5).fill('http://a/2 0'));
  expect(given).toEqual([]);
});

test('ends with the error that it is decided to stop for', async () => {
  const { running, given } = crawl({ visit: failing('http://a/1'), decide: () => ({ kind: 'stop' }) });
  await expect(running).rejects.toThrow('down');
  expect(given).toEqual([]);
});

test('visits nothing when it was stopped before it began', async () => {
  const { running, visits, stopped } = crawl({
    nextPage: async () => {
      throw new Error('not asked');
    },
  });
  stopped.abort(new Error('too late'));
  await expect(running).rejects.toThrow('too late');
  expect(visits).toEqual([]);
});
