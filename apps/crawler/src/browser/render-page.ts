import { setTimeout as delay } from 'node:timers/promises';
import type { EgressPass, FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { proxyOf } from './launch-chromium.ts';
import type { Fail, RenderCaps, RenderOptions } from './render-options.ts';
import { type Activity, routeRequests } from './route-requests.ts';
import { takeSnapshot, untilIdle } from './take-snapshot.ts';

const CLOSE_MS = 1000;

/** One page in a context of its own, of which nothing stays. */
export async function renderPage(
  browser: Browser,
  response: FetchResponse,
  options: RenderOptions,
): Promise<FetchResponse> {
  const { signal, caps } = options;
  const startMs = performance.now();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const onAbort = () => failed.reject(new FetchError('cancelled', { url: response.url }));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  const timer = setTimeout(
    () => failed.reject(new FetchError('timeout', { url: response.url, retryable: false })),
    caps.pageMs,
  );
  const onSpent = () => failed.reject(new FetchError('too-large', { url: response.url }));
  using pass = options.egress.issuePass({ maxBytes: caps.maxBytes, onSpent });
  const opening = openContext(browser, options, pass);
  let isStuck = true;
  try {
    const context = await Promise.race([opening, failed.promise]);
    const rendered = await Promise.race([run(context, response, options, failed.reject), failed.promise]);
    isStuck = false;
    return { ...rendered, ms: response.ms + Math.round(performance.now() - startMs) };
  } catch (error) {
    if (error instanceof FetchError) throw error;
    throw new FetchError('render-failed', { url: response.url, retryable: false });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    const closed = opening.then((context) => context.close()).catch(() => {});
    // A context whose page hangs may not close; the browser is replaced then.
    await (isStuck ? Promise.race([closed, delay(CLOSE_MS)]) : closed);
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
  await settle(page, cdp, { settleMs: caps.settleMs, ...routed.activity });
  const body = await takeSnapshot(cdp, caps);
  return {
    ...routed.document(),
    isRendered: true,
    contentType: 'text/html',
    charset: 'utf-8',
    body,
    decodedBytes: body.length,
  };
}

/** No dialogs, no further windows, and an end when the page's process dies. */
function keepQuiet(context: BrowserContext, page: Page, fail: Fail, url: string): void {
  page.on('dialog', (dialog) => void dialog.dismiss().catch(() => {}));
  page.on('crash', () => fail(new FetchError('render-failed', { url, retryable: false })));
  context.on('page', (other) => {
    if (other !== page) void other.close().catch(() => {});
  });
}

async function limitBytes(cdp: CDPSession, url: string, caps: RenderCaps, fail: Fail): Promise<void> {
  let bytes = 0;
  cdp.on('Network.dataReceived', ({ dataLength }) => {
    bytes += dataLength;
    // As unpacked; what comes over the wire is counted by the egress, whoever of the page asked for it.
    if (bytes > caps.maxBytes) fail(new FetchError('too-large', { url }));
  });
  await cdp.send('Network.enable');
}

async function limitStorage(cdp: CDPSession, url: string, { maxStorageBytes }: RenderCaps): Promise<void> {
  const { origin } = new URL(url);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: maxStorageBytes });
}

const LOOK_MS = 25;
/** A page that has loaded nothing for so long has come to rest. */
const QUIET_MS = 150;

interface Settling extends Activity {
  readonly settleMs: number;
}

async function settle(page: Page, cdp: CDPSession, { settleMs, inFlight, lastMs }: Settling): Promise<void> {
  const deadlineMs = performance.now() + settleMs;
  await page.waitForLoadState('load', { timeout: settleMs }).catch(() => {});
  while (performance.now() < deadlineMs) {
    await delay(LOOK_MS);
    const quietSinceMs = lastMs();
    if (inFlight() > 0 || performance.now() - quietSinceMs < QUIET_MS) continue;
    // On a busy machine a script that is loaded may not have run yet. Going on to another page is no rest either.
    const isIdle = await Promise.race([
      untilIdle(cdp).then(
        () => true,
        () => false,
      ),
      delay(settleMs, false),
    ]);
    if (isIdle && inFlight() === 0 && lastMs() === quietSinceMs) return;
  }
}
