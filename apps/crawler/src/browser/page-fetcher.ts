import type { CrawlRequest, DegradedToken } from '@xnai/contracts';
import type { Fetcher, FetchOptions, FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import { decodeText } from '@xnai/text';
import { looksLikeShell, textLength } from '@xnai/text/looks-like-shell';
import { BrowserUnavailable } from './browser-supply.ts';
import type { Renderer } from './open-renderer.ts';
import type { RenderMemory } from './render-memory.ts';

type PageRenderer = Pick<Renderer, 'render' | 'isSandboxed'>;

export interface PageFetcherDeps {
  readonly fetcher: Pick<Fetcher, 'fetch'>;
  readonly render: CrawlRequest['render'];
  /** Undefined when this machine has no browser. */
  readonly renderer: PageRenderer | undefined;
  readonly memory?: RenderMemory | undefined;
  /** Called when pages are fetched without a browser, or rendered without its sandbox. */
  readonly onDegraded?: (token: DegradedToken) => Promise<void>;
  readonly report?: (fields: object, message: string) => void;
}

/** A host is no longer rendered after this many pages gained nothing from it and none gained something. */
const MAX_VAIN = 3;

/** Fetches pages over HTTP, and renders them when the crawl asks for that or the page is an empty shell for scripts. */
export function createPageFetcher(deps: PageFetcherDeps): Pick<Fetcher, 'fetch'> {
  return {
    async fetch(url, options = {}) {
      const response = await deps.fetcher.fetch(url, options);
      if (deps.render === 'never' || !isPage(response)) return response;
      return deps.render === 'always'
        ? renderAlways(deps, response, options)
        : renderIfUseful(deps, response, options);
    },
  };
}

function isPage({ status, contentType }: FetchResponse): boolean {
  return (
    status < 400 &&
    (contentType === '' || contentType === 'text/html' || contentType === 'application/xhtml+xml')
  );
}

async function renderAlways(
  deps: PageFetcherDeps,
  response: FetchResponse,
  options: FetchOptions,
): Promise<FetchResponse> {
  try {
    if (deps.renderer !== undefined) return await render(deps, deps.renderer, response, options);
  } catch (error) {
    if (!(error instanceof BrowserUnavailable)) throw error;
    deps.report?.({ reason: tell(error) }, 'browser could not be started');
  }
  await deps.onDegraded?.('browser');
  throw new FetchError('render-failed', { url: response.url, retryable: false });
}

async function renderIfUseful(
  deps: PageFetcherDeps,
  response: FetchResponse,
  options: FetchOptions,
): Promise<FetchResponse> {
  const html = decodeText(response.body, response.charset);
  if (!looksLikeShell(html)) return response;
  const { host } = new URL(response.url);
  const { helped, vain } = (await deps.memory?.get(host)) ?? { helped: 0, vain: 0 };
  if (helped === 0 && vain >= MAX_VAIN) return response;
  if (deps.renderer === undefined) {
    await deps.onDegraded?.('browser');
    return response;
  }
  try {
    const rendered = await render(deps, deps.renderer, response, options);
    const isBetter = textLength(rendered.body.toString('utf8')) > textLength(html);
    await deps.memory?.learn(host, isBetter ? 'helped' : 'vain');
    return isBetter ? rendered : response;
  } catch (error) {
    await noteFailure(deps, host, error);
    // Without any text the page would be recorded as empty, although rendering failed.
    if (error instanceof FetchError && textLength(html, 1) === 0) throw error;
    deps.report?.({ url: response.url, reason: tell(error) }, 'page could not be rendered; its HTML is used');
    return response;
  }
}

/** @throws the error that ends the crawl */
async function noteFailure({ memory, onDegraded }: PageFetcherDeps, host: string, error: unknown) {
  if (error instanceof FetchError && error.code === 'cancelled') throw error;
  if (error instanceof BrowserUnavailable) await onDegraded?.('browser');
  else await memory?.learn(host, 'vain');
}

async function render(
  { fetcher, onDegraded }: PageFetcherDeps,
  renderer: PageRenderer,
  response: FetchResponse,
  options: FetchOptions,
): Promise<FetchResponse> {
  if (!renderer.isSandboxed) await onDegraded?.('browser-sandbox');
  return renderer.render(response, {
    signal: options.signal,
    async follow(url) {
      const refusal = await options.checkRedirect?.(new URL(url));
      if (refusal !== undefined) throw new FetchError(refusal, { url });
      const next = await fetcher.fetch(url, options);
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
