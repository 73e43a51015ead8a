import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Schedule } from '@xnai/contracts';
import { article } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack } from '../testing/test-stack.ts';
import { firingAfter } from './firing-times.ts';

let stack: TestStack;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-schedules-'));
  stack = await startTestStack({ variables: { XNAI_DATA_DIR: folder } });
  stack.site.pages['/'] = article('Home');
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function submit(schedule: object) {
  const body = { url: `${stack.site.origin}/`, sitemap: 'skip', collection: 'daily', schedule };
  return stack.crawler.request('POST', '/v1/crawls', { body });
}

describe('a schedule', () => {
  it.each([
    [{ every: '1s' }, 'schedule.every', /once a minute/],
    [{ every: '900ms' }, 'schedule.every', /once a minute/],
    [{ every: '400d' }, 'schedule.every', /366d/],
    [{ every: 'often' }, 'schedule.every', /30m/],
    [{ cron: '* * * * * *' }, 'schedule.cron', /once a minute/],
    [{ cron: '*/20 0 3 * * *' }, 'schedule.cron', /once a minute/],
    [{ cron: '0 0 30 2 *' }, 'schedule.cron', /never fire/],
    [{ cron: '0 0 31 4,6 *' }, 'schedule.cron', /never fire/],
    [{ cron: 'at three' }, 'schedule.cron', /expected a cron expression/],
    [{ cron: '0 25 * * *' }, 'schedule.cron', /expected a cron expression/],
    [{ cron: '0 3 * * *', timezone: 'Europe/Atlantis' }, 'schedule.timezone', /time zone/],
    [{ every: '1h', timezone: 'Europe/Berlin' }, 'schedule.timezone', /cron/],
    [{ every: '1h', cron: '0 3 * * *' }, 'schedule', /either/],
    [{}, 'schedule', /either/],
  ])('that cannot be kept is refused with its reason: %j', async (schedule, path, message) => {
    expect(await submit(schedule)).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION', errors: [{ path, message: expect.stringMatching(message) }] },
    });
    expect((await stack.crawler.request('GET', '/v1/schedules')).body.schedules).toEqual([]);
  });

  it('crawls at once, is listed, paused and deleted', async () => {
    const accepted = await submit({ cron: '0 3 * * *', timezone: 'Europe/Berlin' });
    const { scheduleId: id } = accepted.body;
    expect(accepted).toMatchObject({ status: 202, body: { id } });
    expect(await stack.crawler.finish(id)).toMatchObject({ status: 'completed' });
    const { request } = stack.crawler;
    const { schedules } = (await request('GET', '/v1/schedules')).body;
    expect(schedules).toMatchObject([{ id, collection: 'daily', paused: false, lastCrawlId: id }]);
    expect(new Date(schedules[0].nextAt).getTime()).toBeGreaterThan(Date.now());
    const change = (paused: boolean) => request('PATCH', `/v1/schedules/${id}`, { body: { paused } });
    expect(await change(true)).toMatchObject({ status: 200, body: { paused: true, nextAt: null } });
    expect(await change(false)).toMatchObject({ status: 200, body: { paused: false } });
    expect(await request('DELETE', `/v1/schedules/${id}`)).toMatchObject({ status: 204 });
    for (const method of ['GET', 'DELETE'] as const)
      expect(await request(method, `/v1/schedules/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'SCHEDULE_NOT_FOUND' },
      });
  });

  it('outlives Redis and the crawler, and makes up for what it missed', { timeout: 60_000 }, async () => {
    const { scheduleId: id } = (await submit({ every: '1h' })).body;
    await stack.crawler.finish(id);
    await stack.redis.kill();
    const file = join(folder, 'schedules.json');
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    const missed = new Date(Date.now() - 2 * 3_600_000).toISOString();
    writeFileSync(file, JSON.stringify({ ...kept, schedules: [{ ...kept.schedules[0], lastAt: missed }] }));
    await stack.redis.start();
    const schedule = async (): Promise<Schedule> =>
      (await stack.crawler.request('GET', `/v1/schedules/${id}`)).body;
    await expect.poll(async () => (await schedule()).lastCrawlId, { timeout: 30_000 }).not.toBe(id);
    const { lastCrawlId, nextAt } = await schedule();
    expect(await stack.crawler.finish(lastCrawlId)).toMatchObject({
      status: 'completed',
      collection: 'daily',
    });
    expect(Date.parse(nextAt ?? '')).toBeGreaterThan(Date.now() + 3_000_000);
    const { crawls } = (await stack.crawler.request('GET', '/v1/crawls')).body;
    expect(crawls).toHaveLength(1);
  });

  it('in a file that is damaged stops the start, which names the file', async () => {
    const damaged = join(folder, 'damaged.json');
    writeFileSync(damaged, '{"version": 1, "schedules": [{}]}');
    await expect(stack.addReplica({ CRAWL_SCHEDULES_FILE: damaged })).rejects.toThrow(damaged);
  });

  it('in a time zone fires by its clock, over the change to summer time', () => {
    const cron = { cron: '30 8 * * *', timezone: 'Europe/Berlin' };
    const at = (text: string) => new Date(firingAfter(cron, Date.parse(text)) ?? 0).toISOString();
    expect(at('2026-03-28T00:00:00Z')).toBe('2026-03-28T07:30:00.000Z');
    expect(at('2026-03-29T00:00:00Z')).toBe('2026-03-29T06:30:00.000Z');
  });
});
