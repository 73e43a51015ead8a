import type { FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import type { Page, Request, Route } from 'playwright-core';
import type { Fail, RenderOptions } from './render-options.ts';

export interface Routed {
  /** The document that the page shows by now. */
  readonly document: () => FetchResponse;
  readonly activity: Activity;
}

/** When the page's requests were last busy. */
export interface Activity {
  readonly inFlight: () => number;
  readonly lastMs: () => number;
}

export interface RouteOptions extends RenderOptions {
  readonly fail: Fail;
  /** Called before the page gets a document: the first, and each that scripts lead on to. */
  readonly onDocument: (document: FetchResponse) => Promise<void>;
}

const UNWANTED = new Set(['image', 'media', 'font', 'texttrack', 'ping', 'cspviolationreport', 'manifest']);

/**
 * The page's document is not loaded again: it is what the fetcher brought, with all its checks. Where scripts lead
 * on, the fetcher goes first too. All else goes through the proxy or, when it adds no text, nowhere.
 */
export async function routeRequests(
  page: Page,
  response: FetchResponse,
  { caps, follow, fail, onDocument }: RouteOptions,
): Promise<Routed> {
  let document = response;
  let isFirst = true;
  let navigations = 0;
  let requests = 0;
  let lastMs = performance.now();
  const inFlight = new Set<Request>();

  async function answerNavigation(route: Route, request: Request): Promise<void> {
    if (!isOwn(request)) return route.abort('blockedbyclient');
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

  async function answer(route: Route): Promise<void> {
    const request = route.request();
    requests += 1;
    if (request.isNavigationRequest()) return answerNavigation(route, request);
    if (UNWANTED.has(request.resourceType()) || requests > caps.maxRequests)
      return route.abort('blockedbyclient');
    return route.continue();
  }

  /** A request for a new window has no frame yet. */
  function isOwn(request: Request): boolean {
    try {
      return request.frame() === page.mainFrame();
    } catch {
      return false;
    }
  }

  page.on('request', (request) => {
    inFlight.add(request);
    lastMs = performance.now();
  });
  const onEnd = (request: Request) => {
    inFlight.delete(request);
    lastMs = performance.now();
  };
  page.on('requestfinished', onEnd).on('requestfailed', onEnd);
  // Of the context, so that what a window opens gets nothing before the window is closed.
  await page.context().route('**/*', (route) =>
    answer(route).catch((error: unknown) => {
      if (error instanceof FetchError) fail(error);
      // Anything else: the page is gone, and its requests with it.
    }),
  );
  return { document: () => document, activity: { inFlight: () => inFlight.size, lastMs: () => lastMs } };
}

/** Of the connection, or of an encoding that is undone by now. */
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
