import { article, startSite } from '@xnai/testing';
import { expect, it, vi } from 'vitest';
import { startTestStack } from '../testing/test-stack.ts';

it('gives the pages of a batch in their order, goes on in another replica, and is bounded', async () => {
  await using stack = await startTestStack();
  const { crawler, site } = stack;
  Object.assign(site.pages, { '/one': article('One'), '/two': article('Two') });
  const urls = ['/one', '/gone', '/two'].map((path) => `${site.origin}${path}`);
  const post = (body: object) => crawler.request('POST', '/v1/batch/scrape', { body });
  const { status, body, headers } = await post({ urls, render: 'never' });
  expect([status, headers['location']]).toEqual([202, `/v1/batch/scrape/${body.id}`]);
  expect(body).toMatchObject({ status: 'running', total: 3, finishedAt: null });

  const replica = await stack.addReplica();
  await crawler[Symbol.asyncDispose]();
  const read = (query = '') => replica.request('GET', `/v1/batch/scrape/${body.id}${query}`);
  await vi.waitUntil(async () => (await read()).body.status === 'completed', {
    timeout: 60_000,
    interval: 200,
  });
  const all = (await read()).body;
  expect(all).toMatchObject({ total: 3, done: 3, failed: 1, next_cursor: null });
  expect(all.pages).toMatchObject([
    { url: urls[0], page: { title: 'One', markdown: expect.stringContaining('# One') } },
    { url: urls[1], error: { code: 'PAGE_NOT_FETCHED' } },
    { url: urls[2], page: { title: 'Two' } },
  ]);
  const first = (await read('?limit=2')).body;
  expect(first.pages).toHaveLength(2);
  expect((await read(`?cursor=${first.next_cursor}`)).body.pages).toMatchObject([{ url: urls[2] }]);
  expect((await read('?cursor=x')).status).toBe(400);
  for (const bad of [
    { urls: [] },
    { urls: Array(1001).fill(urls[0]) },
    { urls, waitFor: 3_600_000 },
    { urls, limit: 1 },
  ])
    expect((await replica.request('POST', '/v1/batch/scrape', { body: bad })).status).toBe(400);
  expect((await replica.request('DELETE', `/v1/batch/scrape/${body.id}`)).body.status).toBe('completed');
  expect((await replica.request('GET', '/v1/batch/scrape/x')).body.code).toBe('BATCH_NOT_FOUND');
}, 120_000);

it('goes on with other batches while the host of one rests', async () => {
  await using resting = await startSite({
    '/busy': { status: 429, headers: { 'retry-after': '60' }, body: 'too many' },
    '/page': article('Page'),
  });
  await using other = await startSite({ '/page': article('Other') });
  const variables = { CRAWL_ALLOWED_ORIGINS: `${resting.origin},${other.origin}` };
  await using stack = await startTestStack({ variables });
  const { crawler } = stack;
  const body = { url: `${resting.origin}/busy`, render: 'never' };
  expect((await crawler.request('POST', '/v1/scrape', { body })).status).toBe(502);
  const submit = async ({ origin }: { readonly origin: string }): Promise<string> => {
    const request = { body: { urls: [`${origin}/page`], render: 'never' } };
    return (await crawler.request('POST', '/v1/batch/scrape', request)).body.id;
  };
  const waiting = await submit(resting);
  const id = await submit(other);
  await vi.waitFor(
    async () => {
      const { body: batch } = await crawler.request('GET', `/v1/batch/scrape/${id}`);
      expect(batch).toMatchObject({ status: 'completed', done: 1, failed: 0 });
    },
    { timeout: 50_000, interval: 200 },
  );
  expect((await crawler.request('DELETE', `/v1/batch/scrape/${waiting}`)).body.status).toBe('cancelled');
  expect(resting.paths).not.toContain('/page');
}, 120_000);
