import type { Egress, FetchError, FetchResponse } from '@xnai/egress';
import type { PageError } from '../page-error.ts';

export interface RenderCaps {
  /** From the first script to the snapshot. A page that is not quiet by then is taken as it is. */
  readonly settleMs: number;
  /** A page settles when it has made no request and has not changed for this long. */
  readonly quietMs: number;
  /** Time for the selector of `waitFor` to match. */
  readonly selectorMs: number;
  /** For the whole rendering of a page, besides `waitFor`. */
  readonly pageMs: number;
  readonly maxNodes: number;
  /** Of the rendered page, in UTF-16 units. */
  readonly maxLength: number;
  /** Of all that the page loads. */
  readonly maxBytes: number;
  readonly maxRequests: number;
  /** Of the page's storage in the browser. */
  readonly maxStorageBytes: number;
  /** Maximum number of navigations by scripts. */
  readonly maxNavigations: number;
  /** Maximum number of documents in frames. */
  readonly maxFrames: number;
}

export const DEFAULT_RENDER_CAPS: RenderCaps = {
  settleMs: 8000,
  // As in Chromium's own `networkAlmostIdle`, and longer than timers that draw a page.
  quietMs: 500,
  selectorMs: 10_000,
  pageMs: 20_000,
  maxNodes: 200_000,
  maxLength: 10 * 1024 ** 2,
  maxBytes: 20 * 1024 ** 2,
  maxRequests: 500,
  maxStorageBytes: 5 * 1024 ** 2,
  maxNavigations: 5,
  maxFrames: 20,
};

export interface RenderJob {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, or a CSS selector. */
  readonly waitFor?: number | string | undefined;
  /** Fetches a page that scripts of the page `from` navigate to, with the checks of a redirect. */
  readonly follow: (url: string, from: string) => Promise<FetchResponse>;
  /** Whether the URL is of a private origin that the owner allowed. */
  readonly isPrivate: (url: string) => boolean;
  /** Fetches a part of a page, such as a script, from a private origin. A redirect is a response. */
  readonly load: (url: string, options: LoadOptions) => Promise<FetchResponse>;
}

export interface LoadOptions {
  /** The address of the page. */
  readonly from: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface RenderOptions extends RenderJob {
  readonly caps: RenderCaps;
  readonly userAgent: string;
  readonly egress: Egress;
  readonly takesScreenshots: boolean;
}

/** Ends the rendering of a page with an error. */
export type Fail = (error: FetchError | PageError) => void;
