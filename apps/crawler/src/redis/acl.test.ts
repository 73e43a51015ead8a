import { createPasswords, renderAclFile } from '@xnai/secrets';
import { article, startRedis, startSite } from '@xnai/testing';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startFakeRag } from '../testing/fake-rag.ts';
import { startTestCrawler } from '../testing/test-crawler.ts';

it('does all its work as a user that may do nothing else', async () => {
  const passwords = createPasswords('seed');
  const secret = passwords.of('crawler');
  const acl = `${renderAclFile({ passwords })}\nuser admin on >admin ~* &* +@all\n`;
  await using redis = await startRedis({ acl });
  await using rag = await startFakeRag();
  await using site = await startSite({
    '/': article('Home', ['/one', '/two', '/missing']),
    '/one': article('One'),
    '/two': article('Two'),
  });
  const crawler = await startTestCrawler({
    REDIS_URL: `redis://crawler:${encodeURIComponent(secret)}@localhost?path=${redis.path}`,
    REDIS_BREAKER_URL: `redis://crawler-breaker:${passwords.of('crawler-breaker')}@localhost?path=${redis.path}`,
    CRAWL_RAG_URL: rag.url,
    CRAWL_ALLOWED_ORIGINS: site.origin,
    CRAWL_CONCURRENCY: '1',
  });
  await crawler.untilReady('redis');

  const submit = (options: object) => crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', ...options });
  const done = await crawler.finish(await submit({}));
  expect(done).toMatchObject({ counters: { indexed: 3, failed: 1 } });
  await rag.stop();
  const waiting = await submit({ collection: 'waiting', limit: 1 });
  await crawler.until(waiting, ({ stopReason }) => stopReason !== null);
  const slow = await submit({ collection: 'slow', delay: 10 });
  const queued = await submit({ collection: 'queued' });
  for (const id of [queued, slow, waiting]) await crawler.request('DELETE', `/v1/crawls/${id}`);
  for (const id of [queued, slow, waiting]) {
    expect(await crawler.finish(id)).toMatchObject({ status: 'cancelled' });
    await crawler.errors(id);
    expect(Object.keys(await crawler.pages(id)).length).toBeGreaterThanOrEqual(0);
  }
  expect((await crawler.request('GET', '/v1/crawls')).body.crawls).toHaveLength(4);
  const repeated = await submit({ collection: 'repeated', limit: 1, schedule: { every: '1h' } });
  await crawler.until(repeated, ({ stopReason }) => stopReason !== null);
  for (const paused of [true, false])
    expect(await crawler.request('PATCH', `/v1/schedules/${repeated}`, { body: { paused } })).toMatchObject({
      status: 200,
    });
  expect((await crawler.request('DELETE', `/v1/schedules/${repeated}`)).status).toBe(204);
  site.pages['/down'] = { status: 500 };
  const scrape = { url: `${site.origin}/down`, render: 'never' };
  for (let n = 0; n < 8; n++) await crawler.request('POST', '/v1/scrape', { body: scrape });
  const listed = JSON.stringify((await crawler.request('GET', '/v1/breakers')).body);
  expect(listed).toContain(`host:${new URL(site.origin).host}`);
  for (const order of ['isolate', 'reset']) {
    const answer = await crawler.request('POST', `/v1/breakers/rag-ingest/${order}`, {
      body: { reason: 'test' },
    });
    expect(answer.body).toMatchObject({ reached: 'fleet' });
  }
  expect((await crawler.request('GET', '/v1/breakers/orders')).body.orders).toHaveLength(2);
  await crawler[Symbol.asyncDispose]();

  const login = { path: redis.path, replyMapping: 'legacy' } as const;
  const admin = new Redis({ ...login, username: 'admin', password: 'admin' });
  const denied = (await admin.call('ACL', 'LOG')) as unknown[];
  admin.disconnect();
  expect(denied).toEqual([]);

  const crawlerUser = new Redis({
    ...login,
    username: 'crawler',
    password: secret,
    disableClientInfo: true,
    enableReadyCheck: false,
  });
  for (const [command, ...args] of [
    ['flushall'],
    ['keys', '*'],
    ['config', 'get', '*'],
    ['get', 'xnai:brk:x'],
    ['publish', 'x', 'y'],
  ]) {
    await expect(crawlerUser.call(command ?? '', ...args), command).rejects.toThrow(/NOPERM/);
  }
  crawlerUser.disconnect();
});
