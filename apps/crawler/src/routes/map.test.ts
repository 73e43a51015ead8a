import { article } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack } from '../testing/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  const { pages, origin } = stack.site;
  const loc = (path: string, date = '') => `<url><loc>${origin}${path}</loc><lastmod>${date}</lastmod></url>`;
  pages['/robots.txt'] = 'User-agent: *\nDisallow: /docs/private\nSitemap: /map.xml\n';
  pages['/map.xml'] = `<urlset>${loc('/docs/pump', '2026-03-04')}${loc('/docs/valve')}</urlset>`;
  pages['/docs/'] = `<title>Manual</title><main><p>Text.</p>
    <a href=pump>The pump</a> <a href=seal>Seals &amp; rings</a> <a rel=nofollow href=calendar>Next month</a>
    <a href=private/x>Internal</a> <a href=/blog>Blog</a> <a href=old/a>Old</a> <a href=https://elsewhere.example/>Else</a>
    <a href=mailto:x@y>Mail</a></main>`;
  pages['/bare/'] = article('Bare', ['/bare/one']);
  pages['/bare/one'] = article('One', ['/bare/two', '/bare/gone']);
  pages['/bare/two'] = article('Two', ['/bare/three']);
  const asks = (asked: string, html: string) => html.replace('<head>', `<head>${asked}`);
  pages['/quiet/'] = article('Quiet', ['/quiet/hushed', '/quiet/open']).replace(
    '</main>',
    '<a rel=nofollow href=/quiet/twice>Twice</a></main>',
  );
  pages['/quiet/hushed'] = asks('<meta name=robots content=nofollow>', article('Hushed', ['/quiet/hidden']));
  pages['/quiet/open'] = article('Open', ['/quiet/twice']);
  pages['/quiet/twice'] = article('Twice');
  pages['/quiet/hidden'] = article('Hidden');
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const post = (route: string, body: object) => stack.crawler.request('POST', route, { body });
const at = (path: string) => `${stack.site.origin}${path}`;

describe('POST /v1/map', { timeout: 60_000 }, () => {
  it('gives what a crawl would take, with the title of its links and the date of its sitemap', async () => {
    const { status, body } = await post('/v1/map', { url: at('/docs/') });
    expect(status).toBe(200);
    expect(body).toEqual({
      links: [
        { url: at('/docs/'), title: 'Manual' },
        { url: at('/docs/pump'), title: 'The pump', lastmod: '2026-03-04T00:00:00.000Z' },
        { url: at('/docs/valve') },
        { url: at('/docs/seal'), title: 'Seals & rings' },
        { url: at('/docs/old/a'), title: 'Old' },
      ],
      degraded: [],
    });
    expect(stack.rag.puts).toEqual([]);
  });

  it('finds words in addresses and titles, best first, and stops at the limit', async () => {
    const { body } = await post('/v1/map', { url: at('/docs/'), search: 'rings of the valve, PUMP the' });
    const paths = body.links.map(({ url }: { url: string }) => new URL(url).pathname);
    expect(paths[0]).toBe('/docs/pump');
    expect(paths.toSorted()).toEqual(['/docs/pump', '/docs/seal', '/docs/valve']);
    expect((await post('/v1/map', { url: at('/docs/'), limit: 2 })).body.links).toHaveLength(2);
  });

  it('reads some pages more where there is no sitemap, and goes on when one of them is gone', async () => {
    const { body } = await post('/v1/map', { url: at('/bare/'), sitemap: 'skip' });
    const paths = body.links.map(({ url }: { url: string }) => new URL(url).pathname);
    expect(paths).toEqual(['/bare/', '/bare/one', '/bare/two', '/bare/gone', '/bare/three']);
  });

  it.each([
    [{ url: 'file:///etc/passwd' }, 400],
    [{ url: 'http://127.0.0.1:1/' }, 422],
    [{ url: 'https://x.example/', limit: 0 }, 400],
    [{ url: 'https://x.example/', includePaths: ['('] }, 400],
    [{ url: 'https://x.example/', collection: 'c' }, 400],
  ])('refuses %j with %i', async (body, status) => {
    expect(await post('/v1/map', body)).toMatchObject({ status });
  });
});

describe('dryRun', { timeout: 60_000 }, () => {
  it('says of each address by which rule it is taken or left, and crawls nothing', async () => {
    const rules = { excludePaths: ['/old/'], dryRun: true, explain: true };
    const { status, body } = await post('/v1/crawls', { url: at('/docs/'), ...rules });
    expect(status).toBe(200);
    const { host } = new URL(stack.site.origin);
    const told = body.urls.map(({ url, taken, reason, rule }: Record<string, string>) => [
      url?.replace(stack.site.origin, ''),
      taken,
      reason,
      rule,
    ]);
    expect(told).toEqual([
      ['/docs/', true, undefined, 'the start address'],
      ['/docs/pump', true, undefined, 'below /docs/'],
      ['/docs/valve', true, undefined, 'below /docs/'],
      ['/docs/seal', true, undefined, 'below /docs/'],
      ['/docs/calendar', false, 'robots', 'its links have rel=nofollow'],
      ['/docs/private/x', false, 'robots', 'robots.txt: Disallow: /docs/private'],
      ['/blog', false, 'scope', 'not below /docs/; crawlEntireDomain would take it'],
      ['/docs/old/a', false, 'filtered', 'excludePaths /old/'],
      [
        'https://elsewhere.example/',
        false,
        'scope',
        `another host than ${host}; allowSubdomains or allowExternalLinks may take it`,
      ],
    ]);
    expect(body).toMatchObject({ taken: 4, leftBy: { robots: 2, scope: 2, filtered: 1 } });
    expect((await stack.crawler.request('GET', '/v1/crawls')).body.crawls).toEqual([]);
  });

  it('is what `explain` belongs to', async () => {
    const answer = await post('/v1/crawls', { url: at('/docs/'), explain: true });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'explain' }] } });
  });

  it('follows links as the crawl does: not where all pages that have them ask not to', async () => {
    const request = { url: at('/quiet/'), sitemap: 'skip', collection: 'quiet' };
    const plan = (await post('/v1/crawls', { ...request, dryRun: true, explain: true })).body;
    const left = plan.urls.filter(({ taken }: { taken: boolean }) => !taken);
    expect(left).toMatchObject([
      { url: at('/quiet/hidden'), reason: 'robots', rule: expect.stringContaining('asks not to follow') },
    ]);
    const id = await stack.crawler.submit(request);
    await stack.crawler.finish(id);
    const taken = plan.urls.filter((entry: { taken: boolean }) => entry.taken);
    expect(taken.map(({ url }: { url: string }) => new URL(url).pathname).toSorted()).toEqual(
      Object.keys(await stack.crawler.pages(id)).toSorted(),
    );
  });

  it('takes what the crawl itself then indexes', async () => {
    const request = { url: at('/bare/'), sitemap: 'skip', collection: 'bare' };
    const plan = (await post('/v1/crawls', { ...request, dryRun: true })).body;
    expect(plan.urls[0]).not.toHaveProperty('rule');
    const id = await stack.crawler.submit(request);
    await stack.crawler.finish(id);
    const crawled = Object.keys(await stack.crawler.pages(id));
    expect(plan.urls.map(({ url }: { url: string }) => new URL(url).pathname).toSorted()).toEqual(
      crawled.toSorted(),
    );
  });
});
