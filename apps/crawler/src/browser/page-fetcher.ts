import type { CrawlRequest, DegradedToken } from '@xnai/contracts';
import type { Fetcher, FetchOptions, FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import { decodeText } from '@xnai/text';
import { hashRouteOf } from '@xnai/text/hash-route';
import { looksLikeShell, textLength } from '@xnai/text/looks-like-shell';
import { fetchFrom, fetchWithRefresh } from '../follow-refresh.ts';
import { isHtml } from '../is-html.ts';
import { PageError } from '../page-error.ts';
import { BrowserUnavailable } from './browser-supply.ts';
import type { Renderer } from './open-renderer.ts';
import type { RenderMemory } from './render-memory.ts';
import type { RenderJob } from './render-options.ts';

type PageRenderer = Pick<Renderer, 'render' | 'isSandboxed'>;

export interface PageFetcherDeps extends Pick<RenderJob, 'waitFor'> {
  readonly fetcher: Pick<Fetcher, 'fetch' | 'mayLead' | 'isAllowedOrigin'>;
  readonly render: CrawlRequest['render'];
  /** Undefined when this machine has no browser. */
  readonly renderer: PageRenderer | undefined;
  readonly memory?: RenderMemory | undefined;
  /** Called when a page that a browser should run is taken without one, or was rendered without the sandbox. */
  readonly onDegraded?: (token: DegradedToken) => Promise<void>;
  /** Called when the browser did not start, crashed, or did not finish a page in time. */
  readonly onBrowserFailed?: () => void;
  readonly report?: (fields: object, message: string) => void;
}

/** A host is not rendered for some hours after this many pages gained nothing from it and none gained something. */
const MAX_VAIN = 3;

/** Fetches pages over HTTP, and renders them when the crawl asks for that or the page is an empty shell for scripts. */
export function createPageFetcher(deps: PageFetcherDeps): Pick<Fetcher, 'fetch'> {
  return {
    async fetch(url, options = {}) {
      const response = await fetchWithRefresh(deps.fetcher, url, { ...options, isCutTaken: true });
      if (deps.render === 'never' || !isPage(response)) return response;
      const shown = { ...response, url: response.url + hashRouteOf(new URL(url)) };
      return deps.render === 'always'
        ? renderAlways(deps, shown, options)
        : renderIfUseful(deps, { response, shown }, options);
    },
  };
}

function isPage({ status, contentType }: FetchResponse): boolean {
  return status < 400 && status !== 304 && isHtml(contentType);
}

async function renderAlways(
  deps: PageFetcherDeps,
  response: FetchResponse,
  options: FetchOptions,
): Promise<FetchResponse> {
  try {
    if (deps.renderer !== undefined) return await render(deps, deps.renderer, response, options);
  } catch (error) {
    if (isOwnFailure(error)) deps.onBrowserFailed?.();
    if (!(error instanceof BrowserUnavailable)) throw error;
    deps.report?.({ reason: tell(error) }, 'browser could not be started');
  }
  await deps.onDegraded?.('browser');
  throw new PageError('render-failed', { url: response.url });
}

interface FetchedPage {
  readonly response: FetchResponse;
  /** The same at the address that the browser opens: only scripts know of a route in the fragment. */
  readonly shown: FetchResponse;
}

async function renderIfUseful(
  deps: PageFetcherDeps,
  { response, shown }: FetchedPage,
  options: FetchOptions,
): Promise<FetchResponse> {
  const html = decodeText(response.body, response.charset);
  if (!looksLikeShell(html)) return response;
  const { host } = new URL(response.url);
  if (deps.renderer === undefined || (await isInVain(deps, host))) {
    await deps.onDegraded?.('browser');
    return response;
  }
  try {
    const rendered = await render(deps, deps.renderer, shown, options);
    const isBetter = textLength(rendered.body.toString('utf8')) > textLength(html);
    await deps.memory?.learn(host, isBetter ? 'helped' : 'vain');
    return isBetter ? rendered : response;
  } catch (error) {
    await assertUsable(deps, html, error);
    deps.report?.({ url: response.url, reason: tell(error) }, 'page could not be rendered; its HTML is used');
    return response;
  }
}

async function isInVain({ memory, report }: PageFetcherDeps, host: string): Promise<boolean> {
  const { helped, vain } = (await memory?.get(host)) ?? { helped: 0, vain: 0 };
  const isVain = helped === 0 && vain >= MAX_VAIN;
  if (isVain) report?.({ host }, 'rendering is left out: it gained nothing on this host');
  return isVain;
}

/** @throws the error of the rendering, when the page's own HTML cannot take its place */
async function assertUsable(deps: PageFetcherDeps, html: string, error: unknown): Promise<void> {
  if (error instanceof FetchError && error.code === 'cancelled') throw error;
  const isOwn = isOwnFailure(error);
  if (isOwn) deps.onBrowserFailed?.();
  // Without any text the page would be recorded as empty, although rendering failed.
  if (!(error instanceof BrowserUnavailable) && textLength(html, 1) === 0) throw error;
  if (isOwn) await deps.onDegraded?.('browser');
}

/** True when the browser failed; a page that is too large, or leads where it may not, is not the browser's fault. */
function isOwnFailure(error: unknown): boolean {
  if (error instanceof PageError) return error.code === 'render-failed' || error.code === 'timeout';
  return error instanceof BrowserUnavailable;
}

async function render(
  { fetcher, onDegraded, waitFor }: PageFetcherDeps,
  renderer: PageRenderer,
  response: FetchResponse,
  options: FetchOptions,
): Promise<FetchResponse> {
  if (!renderer.isSandboxed) await onDegraded?.('browser-sandbox');
  return renderer.render(response, {
    signal: options.signal,
    waitFor,
    isPrivate: (url) => fetcher.isAllowedOrigin(url),
    load: (url, { from, headers, signal }) =>
      fetcher.fetch(url, { from, headers, signal, accept: headers['accept'], isRedirectTaken: true }),
    async follow(url, from) {
      const next = await fetchFrom(fetcher, from, url, options);
      if (next.status >= 400)
        throw new FetchError('http-error', { url, status: next.status, retryable: false });
      return next;
    },
  });
}

/** The message of an error, because errors cannot be sent to the process that logs. */
function tell(error: unknown): string {
  const cause = error instanceof BrowserUnavailable ? error.cause : error;
  return cause instanceof Error ? cause.message.slice(0, 500) : String(cause);
}
