import type { Egress, FetchResponse } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import { createLimiter } from '@xnai/resilience';
import { PageError } from '../page-error.ts';
import { isPageFailure } from '../page-failure.ts';
import { BrowserSupply, type SupplyCaps } from './browser-supply.ts';
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
  /** Whether each page comes with a picture of itself, for which it loads its images and fonts. */
  readonly takesScreenshots?: boolean;
}

export interface RendererCaps extends RenderCaps, SupplyCaps {
  /** Maximum number of pages at a time. */
  readonly pagesAtOnce: number;
}

const DEFAULT_RENDERER_CAPS: RendererCaps = {
  ...DEFAULT_RENDER_CAPS,
  pagesAtOnce: 3,
  pagesPerBrowser: 100,
  browserAgeMs: 600_000,
};

/** Runs the scripts of fetched pages. The browser starts with the first page. */
export interface Renderer extends AsyncDisposable {
  /**
   * Returns the page after its scripts have run.
   * @throws {BrowserUnavailable} when no browser starts
   * @throws {PageError} `render-failed` when the browser or the page's process ended, `timeout`
   * @throws {FetchError} `too-large`, `cancelled`, or the error of a fetch
   */
  render(response: FetchResponse, job: RenderJob): Promise<FetchResponse>;
  readonly isSandboxed: boolean;
  /** Number of browsers started. */
  readonly launches: number;
}

export function openRenderer(options: RendererOptions): Renderer {
  const { settings, egress, workDir, userAgent, takesScreenshots = false } = options;
  const caps = { ...DEFAULT_RENDERER_CAPS, ...options.caps };
  const limiter = createLimiter(caps.pagesAtOnce);
  const supply = new BrowserSupply(
    () => launchChromium({ ...settings, egress, workDir, loadsPictures: takesScreenshots }),
    caps,
  );

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
          return await renderIn(supply, response, { ...job, caps, userAgent, egress, takesScreenshots });
        } catch (error) {
          if (!(error instanceof BrowserDied)) throw error;
          // Another page may have ended the browser, so that this one is tried once more.
          if (isSecond) throw new PageError('render-failed', { url: response.url });
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
    if (!isPageFailure(error)) throw error;
    if (error.code === 'render-failed' && !lent.browser.isConnected())
      throw new BrowserDied('the browser ended while it had the page');
    // A page that ran out of time may still keep the browser busy.
    if (error.code === 'timeout') lent.spoil();
    throw error;
  }
}
