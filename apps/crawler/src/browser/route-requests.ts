import type { FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import type { Frame, Page, Request, Route } from 'playwright-core';
import { isPageFailure } from '../page-failure.ts';
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
  { caps, follow, fail, onDocument, takesScreenshots }: RouteOptions,
): Promise<Routed> {
  let document = response;
  let isFirst = true;
  let navigations = 0;
  let frames = 0;
  let requests = 0;
  const activity = watchActivity(page);

  async function answerNavigation(route: Route, request: Request): Promise<void> {
    if (!isOwn(request)) return answerFrame(route, request);
    if (!isFirst) {
      navigations += 1;
      if (navigations > caps.maxNavigations)
        throw new FetchError('too-many-redirects', { url: request.url() });
      if (request.method() !== 'GET') return route.abort('blockedbyclient');
      const next = await follow(request.url());
      document = { ...next, redirects: [...document.redirects, document.url, ...next.redirects] };
    }
    isFirst = false;
    await onDocument(document);
    await route.fulfill({ status: document.status, headers: headersOf(document), body: document.body });
  }

  /** A frame of the page's own origin is a part of what a reader sees. */
  async function answerFrame(route: Route, request: Request): Promise<void> {
    const isOfOrigin = (url: string) => URL.parse(url)?.origin === new URL(document.url).origin;
    frames += 1;
    const isTaken = isInPage(request) && request.method() === 'GET' && frames <= caps.maxFrames;
    if (!isTaken || !isOfOrigin(request.url())) return route.abort('blockedbyclient');
    const inner = await follow(request.url()).catch(() => undefined);
    if (inner === undefined || !isOfOrigin(inner.url)) return route.abort('blockedbyclient');
    await route.fulfill({ status: inner.status, headers: headersOf(inner), body: inner.body });
  }

  async function answer(route: Route): Promise<void> {
    const request = route.request();
    requests += 1;
    if (request.isNavigationRequest()) return answerNavigation(route, request);
    const isWanted =
      !UNWANTED.has(request.resourceType()) || (takesScreenshots && SHOWN.has(request.resourceType()));
    if (!isWanted || requests > caps.maxRequests) return route.abort('blockedbyclient');
    return route.continue();
  }

  const isOwn = (request: Request) => frameOf(request) === page.mainFrame();
  const isInPage = (request: Request) => frameOf(request)?.page() === page;

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
