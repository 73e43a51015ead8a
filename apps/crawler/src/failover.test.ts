import { waitUntil } from '@xnai/testing';
import { expect, it } from 'vitest';
import { delivered, startWatchedStack, submitDuring } from './testing/failovers.ts';

const PAGES = 12;

it('loses nothing that it acknowledged when the master is killed in mid-crawl', async () => {
  await using watched = await startWatchedStack(PAGES);
  const { group, stack } = watched;
  const { crawler, site } = stack;
  const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.1 });
  await crawler.until(id, ({ counters }) => counters.fetched >= 3);
  const old = await group.master();
  let isOver = false;
  const submitting = submitDuring(stack, { isOver: () => isOver, after: 2 });
  await old.kill();
  await waitUntil('another is the master', async () => (await group.master()) !== old);
  await old.start();
  isOver = true;
  const { accepted, refused } = await submitting;
  expect(refused).toBeGreaterThan(0);
  expect(await delivered(stack, id)).toBe(PAGES + 1);
  for (const one of accepted) expect(await crawler.finish(one)).toMatchObject({ status: 'completed' });
}, 120_000);

it('acknowledges nothing to a master while another server is one too', async () => {
  await using watched = await startWatchedStack(0);
  const { group, stack } = watched;
  const { crawler, site } = stack;
  const body = { url: `${site.origin}/`, sitemap: 'skip' } as const;
  await crawler.submit(body);
  const master = await group.master();
  const [next] = group.servers.filter((server) => server !== master);
  // As a sentinel does it. The others hear of it later, and would take it back here.
  for (const sentinel of group.sentinels) sentinel.pause();
  await next?.client.call('REPLICAOF', 'NO', 'ONE');
  const { status, headers } = await crawler.request('POST', '/v1/crawls', { body });
  for (const sentinel of group.sentinels) sentinel.resume();
  expect(status).toBe(503);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
});

it('needs no confirmation of a replica that is gone', async () => {
  await using watched = await startWatchedStack(0);
  const { group, stack } = watched;
  const { crawler, site } = stack;
  const body = { url: `${site.origin}/`, sitemap: 'skip' } as const;
  const master = await group.master();
  const [replica] = group.servers.filter((server) => server !== master);
  await replica?.kill();
  const accepted = await waitUntil('it is accepted', () => crawler.submit(body).catch(() => undefined));
  expect(await crawler.finish(accepted)).toMatchObject({ status: 'completed' });
});
