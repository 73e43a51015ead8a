import type { CrawlRequest, DegradedToken } from '@xnai/contracts';
import type { FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import { beforeEach, expect, test } from 'vitest';
import { PageError } from '../page-error.ts';
import { BrowserUnavailable } from './browser-supply.ts';
import { createPageFetcher } from './page-fetcher.ts';
import type { RenderMemory, RenderRecord } from './render-memory.ts';

const EMPTY = '<div id="root"></div><script src="/app.js"></script>';
const SOME = '<div id="root"></div><p>Loading the shop</p><script src="/app.js"></script>';
const WHOLE = `<main><p>${'Bread needs flour, water and time. '.repeat(20)}</p></main><script src="/a.js"></script>`;

let degraded: DegradedToken[];
let known: RenderRecord;
let rendered: number;
let failures: number;
let outcome: string | Error;
beforeEach(() => {
  degraded = [];
  known = { helped: 0, vain: 0 };
  rendered = 0;
  failures = 0;
  outcome = '<h1>Shop</h1><p>Rye bread is baked here every morning.</p>';
});

const memory: RenderMemory = {
  get: async () => known,
  learn: async (_host, what) => {
    known = { ...known, [what]: known[what] + 1 };
  },
};

function responseOf(html: string, more: Partial<FetchResponse> = {}): FetchResponse {
  const body = Buffer.from(html);
  return {
    url: 'https://site.test/',
    status: 200,
    headers: {},
    contentType: 'text/html',
    fileName: undefined,
    charset: 'utf-8',
    redirects: [],
    retryAfterMs: undefined,
    body,
    wireBytes: body.length,
    decodedBytes: body.length,
    ms: 1,
    ...more,
  };
}

async function fetchPage(
  html: string,
  { render = 'auto', hasBrowser = true }: { render?: CrawlRequest['render']; hasBrowser?: boolean } = {},
  more: Partial<FetchResponse> = {},
): Promise<string> {
  const renderer = {
    isSandboxed: true,
    async render(response: FetchResponse) {
      rendered += 1;
      if (outcome instanceof Error) throw outcome;
      return { ...response, body: Buffer.from(outcome) };
    },
  };
  const pages = createPageFetcher({
    fetcher: { fetch: async () => responseOf(html, more), mayLead: () => true, isAllowedOrigin: () => false },
    render,
    memory,
    renderer: hasBrowser ? renderer : undefined,
    onDegraded: async (token) => void degraded.push(token),
    onBrowserFailed: () => {
      failures += 1;
    },
  });
  return (await pages.fetch('https://site.test/')).body.toString();
}

test('only a shell is rendered, and what helped is remembered', async () => {
  expect(await fetchPage(WHOLE)).toBe(WHOLE);
  expect(rendered).toBe(0);
  expect(await fetchPage(EMPTY)).toContain('Rye bread');
  expect([rendered, known]).toEqual([1, { helped: 1, vain: 0 }]);
});

test('a browser that brings no more text is in vain, and after three times not asked again', async () => {
  outcome = EMPTY;
  for (let page = 0; page < 5; page += 1) expect(await fetchPage(EMPTY)).toBe(EMPTY);
  expect([rendered, known]).toEqual([3, { helped: 0, vain: 3 }]);
  // The pages that it was left out for are not passed over in silence.
  expect(degraded).toEqual(['browser', 'browser']);
  // Where it was of use once, it may be again.
  known = { helped: 1, vain: 9 };
  await fetchPage(EMPTY);
  expect(rendered).toBe(4);
});

test('never and always are kept to, and what is no page is no page for a browser', async () => {
  expect(await fetchPage(EMPTY, { render: 'never' })).toBe(EMPTY);
  expect(rendered).toBe(0);
  expect(await fetchPage(WHOLE, { render: 'always' })).toContain('Rye bread');
  await fetchPage('{}', { render: 'always' }, { contentType: 'application/json' });
  await fetchPage(EMPTY, { render: 'always' }, { status: 404 });
  expect(rendered).toBe(1);
});

test.each([
  { error: new PageError('render-failed'), lacks: ['browser'] },
  { error: new PageError('timeout'), lacks: ['browser'] },
  // The page's own fault.
  { error: new FetchError('too-large'), lacks: [] },
])(
  'where rendering fails ($error.code), a page goes on with its own words, and one without any has failed',
  async ({ error, lacks }) => {
    outcome = error;
    expect(await fetchPage(SOME)).toBe(SOME);
    await expect(fetchPage(EMPTY)).rejects.toBe(error);
    await expect(fetchPage(SOME, { render: 'always' })).rejects.toBe(error);
    expect(degraded).toEqual(lacks);
    expect(failures).toBe(lacks.length * 3);
    // The host is not to blame.
    expect(known).toEqual({ helped: 0, vain: 0 });
  },
);

test('without a browser a page goes on as it is, and says so; always does not', async () => {
  expect(await fetchPage(EMPTY, { hasBrowser: false })).toBe(EMPTY);
  outcome = new BrowserUnavailable(new Error('no room'));
  expect(await fetchPage(EMPTY)).toBe(EMPTY);
  expect(degraded).toEqual(['browser', 'browser']);
  for (const hasBrowser of [true, false]) {
    const failed = fetchPage(SOME, { render: 'always', hasBrowser });
    await expect(failed).rejects.toMatchObject({ code: 'render-failed' });
  }
  expect(degraded).toHaveLength(4);
});

test('a crawl that is cancelled ends the page, whatever its words', async () => {
  outcome = new FetchError('cancelled');
  await expect(fetchPage(SOME)).rejects.toMatchObject({ code: 'cancelled' });
});
