import { createFetcher } from '@xnai/egress';
import { startSite } from '@xnai/testing';
import { expect, onTestFinished, test } from 'vitest';
import { fetchWithRefresh } from './follow-refresh.ts';

async function open(pages: Parameters<typeof startSite>[0]) {
  const site = await startSite(pages);
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin] });
  onTestFinished(async () => {
    await fetcher.close();
    await site[Symbol.asyncDispose]();
  });
  return {
    site,
    fetch: (path: string, options = {}) => fetchWithRefresh(fetcher, `${site.origin}${path}`, options),
  };
}

const stub = (content: string) => `<meta http-equiv="refresh" content="${content}"><p>Redirecting...</p>`;

test('a stub leads to its target, by its markup or its header, and over several hops', async () => {
  const { site, fetch } = await open({
    '/a': stub('0; url=/b'),
    '/b': { headers: { 'content-type': 'text/html', refresh: '0.5; /c' }, body: 'moved' },
    '/c': 'here',
  });
  const response = await fetch('/a');
  expect(response.body.toString()).toBe('here');
  expect(response.url).toBe(`${site.origin}/c`);
  expect(response.redirects).toEqual([`${site.origin}/a`, `${site.origin}/b`]);
});

test.each([
  ['that reloads itself', stub('1')],
  ['that names itself', stub('0; url=/a#top')],
  ['that leads on after a while, as a slide show does', stub('30; url=/b')],
  ['that leads nowhere', stub('0; url=data:text/html,x')],
  ['that only shows such markup', `<pre>${stub('0; url=/b').replaceAll('<', '&lt;')}</pre>`],
  ['that is an error', { status: 404, headers: { refresh: '0; /b' }, body: 'none' }],
])('a page %s is taken as it is', async (_name, page) => {
  const { site, fetch } = await open({ '/a': page, '/b': 'b' });
  expect((await fetch('/a')).url).toBe(`${site.origin}/a`);
  expect(site.paths).toEqual(['/a']);
});

test('pages that lead to each other end', async () => {
  const { site, fetch } = await open({ '/a': stub('0; url=/b'), '/b': stub('0; url=/a') });
  expect((await fetch('/a')).url).toBe(`${site.origin}/b`);
  expect(site.paths).toEqual(['/a', '/b']);
});

test('the target is checked like that of a redirect', async () => {
  const { site, fetch } = await open({ '/a': stub('0; url=/b'), '/b': 'b' });
  const refusal = new RangeError('out of scope');
  const checkRedirect = () => {
    throw refusal;
  };
  await expect(fetch('/a', { checkRedirect })).rejects.toBe(refusal);
  expect(site.paths).toEqual(['/a']);
});
