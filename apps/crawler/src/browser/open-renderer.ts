import type { Egress, FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import { createLimiter } from '@xnai/resilience';
import { BrowserSupply } from './browser-supply.ts';
import { type ChromiumSettings, launchChromium } from './launch-chromium.ts';
import {
  DEFAULT_RENDER_CAPS,
  type RenderCaps,
  type RenderJob,
  type RenderOptions,
} from './render-options.ts';
import { renderPage } from './render-page.ts';

export interface RendererOptions {
  readonly settings: ChromiumSettings;
  readonly egress: Egress;
  readonly workDir: string;
  readonly userAgent: string;
  readonly caps?: Partial<RendererCaps>;
}

export interface RendererCaps extends RenderCaps {
  /** Pages side by side. */
  readonly pagesAtOnce: number;
  /** A browser is replaced after so many pages, */
  readonly pagesPerBrowser: number;
  /** or so long. */
  readonly browserAgeMs: number;
}

const DEFAULT_RENDERER_CAPS: RendererCaps = {
  ...DEFAULT_RENDER_CAPS,
  pagesAtOnce: 3,
  pagesPerBrowser: 100,
  browserAgeMs: 600_000,
};

/** Runs the scripts of fetched pages. The browser starts with the first page, and is replaced now and then. */
export interface Renderer extends AsyncDisposable {
  /**
   * The page as it is once its scripts have run, in place of what was fetched.
   * @throws BrowserUnavailable; FetchError `render-failed`, `timeout`, `too-large`, `cancelled`, those of a fetch
   */
  render(response: FetchResponse, job: RenderJob): Promise<FetchResponse>;
  readonly isSandboxed: boolean;
  /** How many browsers were started. */
  readonly launches: number;
}

export function openRenderer(options: RendererOptions): Renderer {
  const { settings, egress, workDir, userAgent } = options;
  const caps = { ...DEFAULT_RENDERER_CAPS, ...options.caps };
  const limiter = createLimiter(caps.pagesAtOnce);
  const supply = new BrowserSupply(() => launchChromium({ ...settings, egress, workDir }), caps);

  return {
    isSandboxed: settings.isSandboxed,
    get launches() {
      return supply.launches;
    },
    async render(response, job) {
      using _slot = await limiter.acquire(job.signal).catch(() => {
        throw new FetchError('cancelled', { url: response.url });
      });
      for (let isSecond = false; ; isSecond = true) {
        try {
          return await renderIn(supply, response, { ...job, caps, userAgent, egress });
        } catch (error) {
          if (!(error instanceof BrowserDied)) throw error;
          // Whatever ended the browser, it need not have been this page: it gets one more.
          if (isSecond) throw new FetchError('render-failed', { url: response.url });
        }
      }
    },
    [Symbol.asyncDispose]: () => supply[Symbol.asyncDispose](),
  };
}

class BrowserDied extends Error {}

async function renderIn(
  supply: BrowserSupply,
  response: FetchResponse,
  options: RenderOptions,
): Promise<FetchResponse> {
  using lent = await supply.borrow();
  try {
    return await renderPage(lent.browser, response, options);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    if (error.code === 'render-failed' && !lent.browser.isConnected())
      throw new BrowserDied('the browser ended while it had the page');
    // A page that ran out of time may not let go of the browser either.
    if (error.code === 'timeout') lent.spoil();
    throw error;
  }
}
