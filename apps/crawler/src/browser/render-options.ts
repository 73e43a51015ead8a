import type { Egress, FetchError, FetchResponse } from '@xnai/egress';

export interface RenderCaps {
  /** From the first script to the snapshot. A page that is not quiet by then is taken as it is. */
  readonly settleMs: number;
  /** The whole stay of a page in the browser. */
  readonly pageMs: number;
  readonly maxNodes: number;
  /** Of the page with its scripts run, in UTF-16 units. */
  readonly maxLength: number;
  /** Of all that the page loads. */
  readonly maxBytes: number;
  readonly maxRequests: number;
  /** Of what the page keeps on this machine while it is open. */
  readonly maxStorageBytes: number;
  /** How often scripts may lead on to another page. */
  readonly maxNavigations: number;
}

export const DEFAULT_RENDER_CAPS: RenderCaps = {
  settleMs: 8000,
  pageMs: 20_000,
  maxNodes: 200_000,
  maxLength: 10 * 1024 ** 2,
  maxBytes: 20 * 1024 ** 2,
  maxRequests: 500,
  maxStorageBytes: 5 * 1024 ** 2,
  maxNavigations: 5,
};

export interface RenderJob {
  readonly signal?: AbortSignal | undefined;
  /** Fetches a page that scripts lead on to, with the checks of a redirect. */
  readonly follow: (url: string) => Promise<FetchResponse>;
}

export interface RenderOptions extends RenderJob {
  readonly caps: RenderCaps;
  readonly userAgent: string;
  readonly egress: Egress;
}

/** Ends a render from wherever it is noticed that it must. */
export type Fail = (error: FetchError) => void;
