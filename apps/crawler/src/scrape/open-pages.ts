import type { DegradedToken } from '@xnai/contracts';
import {
  createFetcher,
  createRobots,
  type Egress,
  FetchError,
  type Fetcher,
  type FetchResponse,
  type Robots,
} from '@xnai/egress';
import type { ChromiumSettings } from '../browser/launch-chromium.ts';
import { openRenderer } from '../browser/open-renderer.ts';
import { createPageFetcher } from '../browser/page-fetcher.ts';
import { type RenderWish, renderMode } from '../browser/render-mode.ts';
import { assertAllowed } from '../page-failure.ts';
import { type HostGate, MAX_PER_HOST } from '../redis/host-gate.ts';
import { askPolitely } from './polite.ts';

/** What a process that visits a site has to do so. */
export interface Outside {
  readonly userAgent: string;
  readonly allowedOrigins: readonly string[];
  readonly browser: ChromiumSettings | undefined;
  readonly workDir: string;
}

/** The pages of the web as a crawl gets them: by robots.txt, through the egress proxy, in a browser where one is needed. */
export interface PageSource extends AsyncDisposable {
  readonly fetcher: Fetcher;
  readonly robots: Robots;
  readonly degraded: ReadonlySet<DegradedToken>;
  /** What could not be done as asked, in words. */
  readonly warnings: ReadonlySet<string>;
  /**
   * @throws {FetchError | PageError} also for a status of 400 or more, unless `takesErrorPages`, and for what robots.txt
   * forbids
   * @throws {HostBusy} when the turn at the host does not come in time
   */
  fetch(url: string, options?: PageOptions): Promise<FetchResponse>;
}

export interface PageOptions {
  readonly takesErrorPages?: boolean | undefined;
}

export interface PagesDeps extends Outside {
  readonly egress: Egress;
  readonly gate: HostGate;
}

export function openPages(deps: PagesDeps, wish: RenderWish): PageSource {
  const { userAgent, allowedOrigins, browser, workDir, egress, gate } = deps;
  const degraded = new Set<DegradedToken>();
  const warnings = new Set<string>();
  const fetcher = createFetcher({ userAgent, allowedOrigins, egress });
  const takesScreenshots = wish.formats?.includes('screenshot') === true;
  const renderer =
    browser === undefined
      ? undefined
      : openRenderer({ settings: browser, egress, workDir, userAgent, takesScreenshots });
  const robots = createRobots({ fetcher });
  const checkRobots = async (url: string) => {
    const verdict = await robots.check(url);
    assertAllowed(verdict, url);
    return verdict;
  };
  const pages = createPageFetcher({
    fetcher,
    renderer,
    render: renderMode(wish),
    waitFor: wish.waitFor,
    onDegraded: async (token) => void degraded.add(token),
  });
  return {
    fetcher,
    robots,
    degraded,
    warnings,
    async fetch(url, { takesErrorPages = false } = {}) {
      const { crawlDelayMs = 0 } = await checkRobots(url);
      const response = await askPolitely(gate, {
        host: new URL(url).host,
        pace: { gapMs: crawlDelayMs, maxInFlight: MAX_PER_HOST },
        request: () =>
          pages.fetch(url, { checkRedirect: async ({ href }) => void (await checkRobots(href)) }),
      });
      if (response.warning !== undefined) warnings.add(response.warning);
      if (response.status >= 400 && !takesErrorPages)
        throw new FetchError('http-error', { url, status: response.status });
      return response;
    },
    async [Symbol.asyncDispose]() {
      await renderer?.[Symbol.asyncDispose]();
      await fetcher.close();
    },
  };
}
