import { setTimeout as delay } from 'node:timers/promises';
import type { EgressPass, FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import { deadlineIn, withTimeLimit } from '@xnai/resilience';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { PageError } from '../page-error.ts';
import { isPageFailure } from '../page-failure.ts';
import { proxyOf } from './launch-chromium.ts';
import type { Fail, RenderCaps, RenderOptions } from './render-options.ts';
import { type Activity, routeRequests } from './route-requests.ts';
import { lookWhenIdle, takeSnapshot } from './take-snapshot.ts';

const CLOSE_MS = 1000;
const SCREENSHOT_MS = 10_000;

/** Renders a page in a browser context of its own, and leaves nothing of it behind. */
export async function renderPage(
  browser: Browser,
  response: FetchResponse,
  options: RenderOptions,
): Promise<FetchResponse> {
  const { signal, caps, waitFor } = options;
  const waitMs = typeof waitFor === 'number' ? waitFor : waitFor === undefined ? 0 : caps.selectorMs;
  const { url } = response;
  const startMs = performance.now();
  const failed = new AbortController();
  const fail: Fail = (error) => failed.abort(error);
  const onSpent = () => fail(new FetchError('too-large', { url }));
  using pass = options.egress.issuePass({ maxBytes: caps.maxBytes, onSpent });
  const opening = openContext(browser, options, pass);
  let isStuck = true;
  try {
    const rendered = await withTimeLimit(async () => run(await opening, response, options, fail), {
      timeoutMs: caps.pageMs + waitMs,
      reason: () => new PageError('timeout', { url }),
      signal: signal === undefined ? failed.signal : AbortSignal.any([failed.signal, signal]),
    });
    isStuck = false;
    return { ...rendered, ms: response.ms + Math.round(performance.now() - startMs) };
  } catch (error) {
    if (isPageFailure(error)) throw error;
    if (signal?.aborted) throw new FetchError('cancelled', { url });
    throw new PageError('render-failed', { url });
  } finally {
    const close = () => opening.then((context) => context.close());
    // The context of a page that hangs may not close; the browser is then replaced.
    await withTimeLimit(close, { timeoutMs: isStuck ? CLOSE_MS : Infinity }).catch(() => {});
  }
}

function openContext(
  browser: Browser,
  { egress, userAgent }: RenderOptions,
  { credential }: EgressPass,
): Promise<BrowserContext> {
  return browser.newContext({
    proxy: { server: proxyOf(egress), ...credential },
    acceptDownloads: false,
    serviceWorkers: 'block',
    ignoreHTTPSErrors: false,
    userAgent,
    viewport: { width: 1280, height: 2000 },
  });
}

async function run(
  context: BrowserContext,
  response: FetchResponse,
  options: RenderOptions,
  fail: Fail,
): Promise<FetchResponse> {
  const { caps } = options;
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  keepQuiet(context, page, fail, response.url);
  await limitBytes(cdp, response.url, caps, fail);
  const onDocument = ({ url }: FetchResponse) => limitStorage(cdp, url, caps);
  const routed = await routeRequests(page, response, { ...options, fail, onDocument });
  await page.goto(response.url, { waitUntil: 'domcontentloaded', timeout: caps.pageMs });
  const settling = { ...caps, ...routed.activity };
  await settle(page, cdp, settling);
  const warning = await waitMore(page, options);
  if (options.waitFor) await settle(page, cdp, settling);
  const screenshot = options.takesScreenshots ? await page.screenshot({ timeout: SCREENSHOT_MS }) : undefined;
  const body = await takeSnapshot(cdp, caps);
  return {
    ...routed.document(),
    isRendered: true,
    ...(screenshot !== undefined && { screenshot }),
    ...(warning !== undefined && { warning }),
    contentType: 'text/html',
    charset: 'utf-8',
    body,
    decodedBytes: body.length,
  };
}

/** Dismisses dialogs, closes further windows, and fails the render when the page's process crashes. */
function keepQuiet(context: BrowserContext, page: Page, fail: Fail, url: string): void {
  page.on('dialog', (dialog) => void dialog.dismiss().catch(() => {}));
  page.on('crash', () => fail(new PageError('render-failed', { url })));
  context.on('page', (other) => {
    if (other !== page) void other.close().catch(() => {});
  });
}

async function limitBytes(cdp: CDPSession, url: string, caps: RenderCaps, fail: Fail): Promise<void> {
  let bytes = 0;
  cdp.on('Network.dataReceived', ({ dataLength }) => {
    bytes += dataLength;
    // These bytes are decoded; the egress counts the bytes on the wire.
    if (bytes > caps.maxBytes) fail(new FetchError('too-large', { url }));
  });
  await cdp.send('Network.enable');
}

async function limitStorage(cdp: CDPSession, url: string, { maxStorageBytes }: RenderCaps): Promise<void> {
  const { origin } = new URL(url);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: maxStorageBytes });
}

/** Waits as the request asks. Returns what it waited for in vain, in words. */
async function waitMore(page: Page, { waitFor, caps }: RenderOptions): Promise<string | undefined> {
  if (typeof waitFor === 'number') await delay(waitFor);
  if (typeof waitFor !== 'string') return undefined;
  const wanted = page.locator(`css=${waitFor}`).first();
  try {
    await wanted.waitFor({ state: 'attached', timeout: caps.selectorMs });
    return undefined;
  } catch (error) {
    if (page.isClosed()) throw error;
    return `waitFor ${JSON.stringify(waitFor)}: ${whyInVain(error as Error, caps)}; the page was taken as it was`;
  }
}

function whyInVain({ name, message }: Error, { selectorMs }: RenderCaps): string {
  if (name === 'TimeoutError') return `nothing matched within ${selectorMs / 1000} seconds`;
  return message.includes('not a valid selector')
    ? 'the browser does not know such a selector'
    : `the browser could not look for it (${message.split('\n', 1)[0]})`;
}

const POLL_MS = 25;
/** Less text than this is not yet the page, while it may still come. */
const HARDLY_ANY = 40;
/** A page without text is waited for no longer than this after its last request: it may have none. */
const EMPTY_MS = 3000;

interface Settling extends Activity, Pick<RenderCaps, 'settleMs' | 'quietMs'> {}

/** Waits until the page makes no requests, its scripts are idle, and what it shows stays the same. */
async function settle(
  page: Page,
  cdp: CDPSession,
  { settleMs, quietMs, inFlight, lastAtMs }: Settling,
): Promise<void> {
  const deadline = deadlineIn(settleMs);
  await page.waitForLoadState('load', { timeout: settleMs }).catch(() => {});
  let seen = '';
  let sinceMs = performance.now();
  while (!deadline.expired) {
    await delay(POLL_MS);
    if (inFlight() > 0) continue;
    // On a busy machine a loaded script may not have run yet. A page that is navigating is not settled either.
    const shown = await withTimeLimit(() => lookWhenIdle(cdp), { deadline }).catch(() => undefined);
    if (shown === undefined) continue;
    const nowMs = performance.now();
    if (shown.state !== seen) [seen, sinceMs] = [shown.state, nowMs];
    const quietSinceMs = Math.max(sinceMs, lastAtMs());
    const neededMs = shown.letters < HARDLY_ANY ? EMPTY_MS : quietMs;
    if (inFlight() === 0 && nowMs - quietSinceMs >= Math.min(neededMs, settleMs)) return;
  }
}
