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
