import type { Agent, buildConnector } from 'undici';
import type { Reach } from '../proxy/create-admission.ts';
import type { FetchLimits } from './fetch-limits.ts';

export interface FetchOptions {
  /**
   * The address of the page on whose behalf it is fetched: where that is not of an allowed origin, an allowed private
   * origin is refused like any other private address. By default the owner asks.
   */
  readonly from?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly accept?: string | undefined;
  /** Sent to the first origin only: a redirect elsewhere does not take them along. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly maxDecodedBytes?: number | undefined;
  readonly totalTimeoutMs?: number | undefined;
  /**
   * Takes a body that ends before its stated end, as browsers do, when it ends at the same byte again a moment later: the
   * server then states a wrong length. By default it is a `network-error`.
   */
  readonly isCutTaken?: boolean | undefined;
  /** Looked at for responses below 400; false gives up before the body is read. */
  readonly isTypeAccepted?: ((type: ResponseType) => boolean) | undefined;
  /** Called before each redirect is followed. It refuses one by an error, which the fetch then throws unchanged. */
  readonly checkRedirect?: RedirectCheck | undefined;
  /** Takes a redirect as a response like any other. */
  readonly isRedirectTaken?: boolean | undefined;
}

/** What a response says of its type. */
export interface ResponseType {
  /** In lower case, without parameters; empty when absent. */
  readonly contentType: string;
  /** After redirects. */
  readonly url: string;
  /** From `Content-Disposition`. */
  readonly fileName: string | undefined;
}

export type RedirectCheck = (url: URL) => void | Promise<void>;

/** Through the proxy: over connections that are kept, and over new ones. */
export interface WayOut {
  readonly agent: Agent;
  readonly connect: buildConnector.connector;
}

/** Shared by all fetches of one fetcher. */
export interface FetchContext {
  readonly ways: Readonly<Record<Reach, WayOut>>;
  readonly limits: FetchLimits;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly userAgent: string;
}
