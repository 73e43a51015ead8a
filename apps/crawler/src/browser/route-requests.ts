import type { FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import type { Frame, Page, Request, Route } from 'playwright-core';
import { isPageFailure } from '../page-failure.ts';
import { loadPrivate } from './load-private.ts';
import type { Fail, RenderOptions } from './render-options.ts';

export interface Routed {
  /** The document that the page shows at present. */
  readonly document: () => FetchResponse;
  readonly activity: Activity;
}

/** The requests of the page: how many are in flight, and when one last began or ended (`performance.now()`). */
export interface Activity {
  readonly inFlight: () => number;
  readonly lastAtMs: () => number;
}

export interface RouteOptions extends RenderOptions {
  readonly fail: Fail;
  /** Called before the page gets a document: the first one, and each that its scripts navigate to. */
  readonly onDocument: (document: FetchResponse) => Promise<void>;
}

const UNWANTED = new Set(['image', 'media', 'font', 'texttrack', 'ping', 'cspviolationreport', 'manifest']);

/** What a screenshot shows besides text. */
const SHOWN = new Set(['image', 'font']);

/**
 * Answers navigations with documents of the fetcher, which has made all checks of a crawl: the first one is there already,
 * and scripts may navigate to others. Other requests go through the proxy, or are blocked when they add no text.
 */
export async function routeRequests(
  page: Page,
  response: FetchResponse,
  options: RouteOptions,
): Promise<Routed> {
  const { caps, follow, fail, onDocument, takesScreenshots } = options;
  let document = response;
  let isFirst = true;
  let navigations = 0;
  let frames = 0;
  let requests = 0;
  const activity = watchActivity(page);
  const signal = closeSignalOf(page);

  async function answerNavigation(route: Route, request: Request): Promise<void> {
    if (frameOf(request) !== page.mainFrame()) return answerFrame(route, request);
    if (!isFirst) {
      navigations += 1;
      if (navigations > caps.maxNavigations)
        throw new FetchError('too-many-redirects', { url: request.url() });
      if (request.method() !== 'GET') return route.abort('blockedbyclient');
      const next = await follow(request.url(), document.url);
      document = { ...next, redirects: [...document.redirects, document.url, ...next.redirects] };
    }
    isFirst = false;
    await onDocument(document);
    await fulfill(route, document);
  }

  /** A frame of the page's own origin is a part of what a reader sees. */
  async function answerFrame(route: Route, request: Request): Promise<void> {
    const isOfOrigin = (url: string) => URL.parse(url)?.origin === new URL(document.url).origin;
    frames += 1;
    const isInPage = frameOf(request)?.page() === page;
    const isTaken = isInPage && request.method() === 'GET' && frames <= caps.maxFrames;
    if (!isTaken || !isOfOrigin(request.url())) return route.abort('blockedbyclient');
    const inner = await follow(request.url(), document.url).catch(() => undefined);
    await fulfill(route, inner !== undefined && isOfOrigin(inner.url) ? inner : undefined);
  }

  async function answer(route: Route): Promise<void> {
    const request = route.request();
    requests += 1;
    if (request.isNavigationRequest()) return answerNavigation(route, request);
    if (!isWanted(request, takesScreenshots) || requests > caps.maxRequests)
      return route.abort('blockedbyclient');
    // The proxy lets the browser through to public addresses alone.
    const isBrought = options.isPrivate(document.url) && options.isPrivate(request.url());
    if (!isBrought || request.method() !== 'GET') return route.continue();
    return fulfill(route, await loadPrivate(request, document.url, { ...options, signal }));
  }

  // On the context, so that a new window gets no response before it is closed.
  await page.context().route('**/*', (route) =>
    answer(route).catch((error: unknown) => {
      if (isPageFailure(error)) fail(error);
      // Any other error means that the page was closed, and its requests with it.
    }),
  );
  return { document: () => document, activity };
}

function watchActivity(page: Page): Activity {
  let lastAtMs = performance.now();
  const inFlight = new Set<Request>();
  page.on('request', (request) => {
    inFlight.add(request);
    lastAtMs = performance.now();
  });
  const onEnd = (request: Request) => {
    inFlight.delete(request);
    lastAtMs = performance.now();
  };
  page.on('requestfinished', onEnd).on('requestfailed', onEnd);
  return { inFlight: () => inFlight.size, lastAtMs: () => lastAtMs };
}

/** A request for a new window has no frame yet. */
function frameOf(request: Request): Frame | undefined {
  try {
    return request.frame();
  } catch {
    return undefined;
  }
}

function isWanted(request: Request, takesScreenshots: boolean): boolean {
  const type = request.resourceType();
  return !UNWANTED.has(type) || (takesScreenshots && SHOWN.has(type));
}

/** Answers with what was fetched; without it, the request fails. */
function fulfill(route: Route, response: FetchResponse | undefined): Promise<void> {
  if (response === undefined) return route.abort('blockedbyclient');
  return route.fulfill({ status: response.status, headers: headersOf(response), body: response.body });
}

function closeSignalOf(page: Page): AbortSignal {
  const closed = new AbortController();
  page.once('close', () => closed.abort());
  return closed.signal;
}

/** Headers about the connection, about an encoding that is already decoded, or that would cause other requests. */
const DROPPED = /^(content-(encoding|length)|transfer-encoding|connection|keep-alive|link|refresh|alt-svc)$/;

function headersOf({ headers, contentType, charset }: FetchResponse): Record<string, string> {
  const kept = Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || DROPPED.test(name)) return [];
    return [[name, Array.isArray(value) ? value.join('\n') : value] as const];
  });
  const type = contentType || 'text/html';
  return {
    ...Object.fromEntries(kept),
    'content-type': charset === undefined ? type : `${type}; charset=${charset}`,
  };
}
