import { createFetcher, createRobots, FetchError } from '@xnai/egress';

import { createRegistry } from '@xnai/resilience';
import { redirectTo, respond, startSite } from '@xnai/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createHosts } from '../hosts.ts';
import { PageError } from '../page-error.ts';
import { createScope } from '../scope/scope.ts';
import { fetchPage } from './fetch.ts';

async function openRun(pages: Parameters<typeof startSite>[0], signal = new AbortController().signal) {
  const site = await startSite(pages);
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin] });
  onTestFinished(async () => {
    await fetcher.close();
    await site[Symbol.asyncDispose]();
  });
  const delays: string[] = [];
  const gate = { enter: async () => ({ place: '' }), leave: async () => {}, pause: async () => {} };
  const hosts = createHosts(createRegistry({ service: 'test' }));
  const run = {
    deps: { gate, hosts, pages: fetcher, robots: createRobots({ fetcher }) },
    request: { types: ['html' as const, 'text' as const], maxConcurrency: undefined },
    scope: createScope({ url: `${site.origin}/` }),
    frontier: { restartDelay: (host: string) => void delays.push(host), delayOf: () => 0 },
    signal,
  };
  const { host } = new URL(site.origin);
  const fetch = (path: string) => fetchPage(run, { url: `${site.origin}${path}`, host });
  return { site, fetch, delays, host };
}

const HTML = { 'content-type': 'text/html' };

test('a page comes with its redirects and charset settled, and its host rests afterwards', async () => {
  const { fetch, site, delays, host } = await openRun({
    '/moved': redirectTo('/latin1'),
    '/latin1': respond(200, { 'content-type': 'text/html; charset=latin1' }, Buffer.from('größe', 'latin1')),
  });
  const response = await fetch('/moved');
  expect(response).toMatchObject({ url: `${site.origin}/latin1`, charset: 'latin1', wireBytes: 5 });
  expect(delays).toEqual([host]);
});

test('every failure of a page has its reason, and says whether the fetch or the crawl caused it', async () => {
  const { fetch, site } = await openRun({
    '/404': respond(404, HTML, 'no'),
    '/503': respond(503, { 'retry-after': '9' }, '{"message": 1}'),
    '/zip': respond(200, { 'content-type': 'application/zip' }, 'PK'),
    '/inside': redirectTo('http://169.254.169.254/latest/meta-data'),
    '/away': redirectTo('http://other.example/'),
    '/private': redirectTo('/secret'),
    '/robots.txt': respond(200, { 'content-type': 'text/plain' }, 'User-agent: *\nDisallow: /secret\n'),
    '/secret': respond(200, HTML, 'secret'),
  });
  const failureOf = (path: string) => fetch(path).catch((error: unknown) => error);
  expect(await failureOf('/404')).toMatchObject({ code: 'http-error', status: 404, retryable: false });
  expect(await failureOf('/503')).toMatchObject({
    code: 'http-error',
    status: 503,
    retryable: true,
    retryAfterMs: 9000,
  });
  expect(await failureOf('/zip')).toMatchObject({ code: 'content-type' });
  expect(await failureOf('/inside')).toMatchObject({ code: 'not-public' });
  expect(await failureOf('/away')).toMatchObject({ code: 'redirect-out-of-scope' });
  expect(await failureOf('/private')).toMatchObject({ code: 'robots' });
  expect(await failureOf('/private')).toBeInstanceOf(PageError);
  expect(await failureOf('/inside')).toBeInstanceOf(FetchError);
  expect(site.lines).not.toContain('GET /secret');
});

test('a host that fails eight times in a row is not asked again, and one that answers 404 is', async () => {
  const { fetch, site } = await openRun({ '/500': respond(500, HTML, 'no') });
  const codesOf = async (path: string) => {
    const codes: unknown[] = [];
    for (let n = 0; n < 10; n++) codes.push(await fetch(path).catch((error) => error.code));
    return codes;
  };
  expect(await codesOf('/missing')).toEqual(Array(10).fill('http-error'));
  expect(await codesOf('/500')).toEqual([...Array(8).fill('http-error'), 'BREAKER_OPEN', 'BREAKER_OPEN']);
  expect(site.lines.filter((request) => request === 'GET /500')).toHaveLength(8);
});

test('the signal of the crawl ends its fetches', async () => {
  const controller = new AbortController();
  const { fetch } = await openRun(
    {
      '/': (_request, response) => {
        response.writeHead(200, HTML);
        response.write('start');
        controller.abort(new Error('cancelled'));
      },
    },
    controller.signal,
  );
  await expect(fetch('/')).rejects.toThrow(/cancelled/i);
});
