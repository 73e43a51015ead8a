import { FORBIDDEN_HOSTS, redirectTo } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executable, openPageLab, type PageLab } from './testing/page-lab.ts';
import { NEVER_ASKED, pageThatTries, WAYS_OUT } from './testing/ways-out.ts';

/** The whole table: each part of the browser with each spelling, straight and by a redirect. */
describe.skipIf(executable === undefined)('a page in the browser', () => {
  let lab: PageLab;
  beforeAll(async () => {
    lab = await openPageLab();
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test.each(Object.keys(WAYS_OUT))('reaches nothing inside by %s, however it is spelled', async (way) => {
    const { pages, egress, inside } = lab;
    const urls = FORBIDDEN_HOSTS.flatMap((host) => [
      `http://${host}/`,
      `https://${host}/`,
      `http://${host}:${inside.port}/`,
    ]);
    urls.forEach((url, index) => {
      pages[`/to/${index}`] = redirectTo(url);
    });
    const targets = [...urls, ...urls.map((_, index) => `/to/${index}`)];
    const first = way === 'socket' ? ['http://loopback.test/'] : [];
    pages['/attack'] = pageThatTries([way], targets, 20_000, first);
    const before = egress.counts().refusals['not-public'] ?? 0;
    await using own = lab.open({
      maxRequests: 100_000,
      maxBytes: 1024 ** 3,
      pageMs: 120_000,
      settleMs: 40_000,
    });
    const seen = /tried \d+|^[a-z-]+$/.exec(await lab.see('/attack', own))?.[0];
    expect(seen).toBe(`tried ${targets.length}`);
    expect(inside.connections()).toBe(0);
    const refused = (egress.counts().refusals['not-public'] ?? 0) - before - first.length;
    if (NEVER_ASKED.has(way)) expect(refused).toBe(0);
    else expect(refused).toBeGreaterThan(30);
  });
});
