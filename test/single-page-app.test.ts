import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from './support/stack.ts';

const hasBrowser =
  existsSync('/usr/lib/chromium/chromium') || spawnSync('chromium', ['--version']).status === 0;

const SHELL = `<!doctype html><html><head><title>Bakery</title></head><body><div id="root"></div>
<noscript>You need to enable JavaScript to run this app.</noscript><script src="/app.js"></script></body></html>`;
const APP = `fetch('/api' + location.pathname).then((answer) => answer.json()).then(({ title, text, links }) => {
  document.title = title;
  document.getElementById('root').innerHTML = '<main><h1>' + title + '</h1>' + text.map((line) => '<p>' + line + '</p>').join('') +
    links.map((link) => '<a href="' + link + '">' + link + '</a>').join(' ') + '</main>';
});`;
const CONTENT: Record<string, unknown> = {
  '/': {
    title: 'The bakery',
    text: ['The bakery on the harbour bakes at night and sells its bread from six in the morning on.'],
    links: ['/rye'],
  },
  '/rye': {
    title: 'Rye bread',
    text: [
      'The rye dough rests for nineteen hours in the cellar.',
      'Rye bread keeps for a week when it is wrapped in linen.',
    ],
    links: ['/'],
  },
};

describe.skipIf(!hasBrowser)('a single-page app', { timeout: 90_000 }, () => {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/app.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(APP);
    else if (path.startsWith('/api/')) {
      const content = CONTENT[path.slice('/api'.length)];
      response
        .writeHead(content ? 200 : 404, { 'content-type': 'application/json' })
        .end(JSON.stringify(content));
    } else if (path in CONTENT) response.writeHead(200, { 'content-type': 'text/html' }).end(SHELL);
    else response.writeHead(404).end();
  });
  let origin: string;
  let stack: Stack;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    stack = await startStack({ env: { CRAWL_ALLOWED_ORIGINS: origin } });
  });
  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  });

  it('is indexed with the text that only its scripts show, and questions are answered from it', async () => {
    const { id } = await stack.api.crawler.submitCrawl({ url: `${origin}/`, sitemap: 'skip' });
    expect(await stack.api.endedCrawl(id)).toMatchObject({ status: 'completed', counters: { indexed: 2 } });
    const answer = await stack.api.rag.query({ query: 'How long does the rye dough rest in the cellar?' });
    expect(answer.answer).toContain('nineteen hours');
    const cited = answer.citations.filter(({ index }) => answer.answer.includes(`[${index}]`));
    expect(cited.map(({ url }) => url)).toContain(`${origin}/rye`);
  });
});
