import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { readRetryAfter } from '@xnai/contracts/retry-after';
import { startTimeLimit, withTimeLimit } from '@xnai/resilience';
import { Agent } from 'undici';
import { isAddress } from '../address/public-address.ts';
import { resolvePublic } from '../address/resolve-public.ts';
import { parseTargetUrl, toOriginSet } from '../address/target-url.ts';
import { FetchError } from '../fetch-error.ts';
import type { Reach } from '../proxy/create-admission.ts';
import { type Egress, openEgress } from '../proxy/open-egress.ts';
import { createBodyReader } from './body-reader.ts';
import { connectThrough } from './connect-through.ts';
import { DEFAULT_FETCH_LIMITS, type FetchLimits } from './fetch-limits.ts';
import type { FetchContext, FetchOptions, ResponseType, WayOut } from './fetch-options.ts';
import { fileNameOf } from './file-name.ts';
import { parseMediaType } from './media-type.ts';
import { type PostAnswer, type PostRequest, post } from './post.ts';
import { followRedirects, RedirectRefused } from './redirects.ts';
import { toFetchError } from './to-fetch-error.ts';

export interface FetcherOptions {
  readonly userAgent: string;
  /** Origins that may be private: exact scheme, host and port. */
  readonly allowedOrigins?: readonly string[];
  readonly limits?: Partial<FetchLimits>;
  /** The way out; without one, the fetcher opens its own at its first fetch. */
  readonly egress?: Egress;
  /** How names are resolved, by its own way out too; Node's by default. */
  readonly lookup?: LookupFunction;
}

interface ResponseHead extends ResponseType {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly charset: string | undefined;
  /** Every URL on the way, the first one included, the final one not. */
  readonly redirects: readonly string[];
  readonly retryAfterMs: number | undefined;
}

export interface FetchStream extends ResponseHead {
  /** Decoded of content encodings, within the limits; leaving the loop early ends the download. */
  readonly chunks: AsyncIterable<Buffer>;
  progress(): { readonly wireBytes: number; readonly decodedBytes: number };
  cancel(): void;
}

export interface FetchResponse extends ResponseHead {
  readonly body: Buffer;
  readonly wireBytes: number;
  readonly decodedBytes: number;
  readonly ms: number;
  /** The body is a browser's snapshot of the rendered page. */
  readonly isRendered?: boolean;
  /** PNG of the rendered page, where one was asked for. */
  readonly screenshot?: Buffer;
  /** What could not be done as asked, in words, though there is a page. */
  readonly warning?: string;
}

/**
 * Fetches through the egress proxy. A status of 400 or more is a response like any other.
 *
 * @throws {FetchError} on every failure, from all of its methods
 * @throws the error of `checkRedirect`, when that refuses a redirect
 */
export interface Fetcher extends AsyncDisposable {
  fetch(url: string, options?: FetchOptions): Promise<FetchResponse>;
  open(url: string, options?: FetchOptions): Promise<FetchStream>;
  post(url: string, request: PostRequest): Promise<PostAnswer>;
  /** Would the URL be fetched? Connects to nothing. A name that does not resolve passes: it may later. */
  check(url: string): Promise<void>;
  /** Whether the page `from` may lead to the URL, as far as private origins that were allowed go. */
  mayLead(from: string, url: string): boolean;
  /** Whether the URL is of an origin that may be private. */
  isAllowedOrigin(url: string): boolean;
  close(): Promise<void>;
}

export function createFetcher(options: FetcherOptions): Fetcher {
  const limits = { ...DEFAULT_FETCH_LIMITS, ...options.limits };
  const allowedOrigins = toOriginSet(options.allowedOrigins ?? []);
  const lookup = options.lookup ?? (systemLookup as LookupFunction);
  let own: Promise<Egress> | undefined;
  const egress = async () => {
    if (options.egress !== undefined) return options.egress;
    own ??= openEgress({ allowedOrigins: [...allowedOrigins], lookup });
    return own;
  };
  const ways = { public: openWay(egress, 'public', limits), allowed: openWay(egress, 'allowed', limits) };
  const context: FetchContext = { ways, limits, allowedOrigins, userAgent: options.userAgent };
  const isAllowedOrigin = (url: string) => allowedOrigins.has(URL.parse(url)?.origin ?? '');
  async function close(): Promise<void> {
    await Promise.all(Object.values(ways).map(({ agent }) => agent.destroy()));
    await (await own)?.close();
  }

  return {
    open: (url, fetchOptions = {}) => openStream(context, url, fetchOptions),
    fetch: (url, fetchOptions = {}) => fetchWhole(context, url, fetchOptions),
    post: (url, request) => post(context, url, request),
    check: (url) => checkTarget(url, context, lookup),
    isAllowedOrigin,
    mayLead: (from, url) => isAllowedOrigin(from) || !isAllowedOrigin(url),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function openWay(egress: () => Promise<Egress>, reach: Reach, limits: FetchLimits): WayOut {
  const connect = connectThrough(egress, { ...limits, reach });
  const agent = new Agent({
    connect,
    connections: limits.connectionsPerOrigin,
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyIdleTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    allowH2: false,
    pipelining: 1,
  });
  return { agent, connect };
}

interface OpenedStream extends FetchStream {
  isCut(): boolean;
}

async function openStream(context: FetchContext, url: string, options: FetchOptions): Promise<OpenedStream> {
  const timeoutMs = options.totalTimeoutMs ?? context.limits.totalTimeoutMs;
  const limit = startTimeLimit({ timeoutMs, signal: options.signal });
  const signals = { cancel: options.signal, limit: limit.signal };
  try {
    const { response, target, redirects } = await followRedirects(context, url, options, limit.signal);
    response.body.once('close', () => limit[Symbol.dispose]());
    const type = parseMediaType(firstOf(response.headers['content-type']));
    const said: ResponseType = {
      url: target.href,
      contentType: type.mime,
      fileName: fileNameOf(firstOf(response.headers['content-disposition'])),
    };
    // A 304 has no body, and need not say the type of the one that it stands for.
    const hasBody = response.statusCode < 400 && response.statusCode !== 304;
    if (hasBody && options.isTypeAccepted?.(said) === false) {
      response.body.on('error', () => {}).destroy();
      throw new FetchError('content-type', { url: target.href, status: response.statusCode });
    }
    const maxDecodedBytes = options.maxDecodedBytes ?? context.limits.maxDecodedBytes;
    const reader = createBodyReader(
      response,
      { ...context.limits, maxDecodedBytes, isCutTaken: options.isCutTaken === true },
      (error) => toFetchError(error, signals, target.href),
    );
    return {
      ...reader,
      ...said,
      status: response.statusCode,
      headers: response.headers,
      charset: type.charset,
      redirects,
      retryAfterMs: readRetryAfter(firstOf(response.headers['retry-after'])),
    };
  } catch (error) {
    limit[Symbol.dispose]();
    if (error instanceof RedirectRefused) throw error.cause;
    throw toFetchError(error, signals, url);
  }
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** A body that was cut off is asked for once more, to know whether that was chance. */
async function fetchWhole(context: FetchContext, url: string, options: FetchOptions): Promise<FetchResponse> {
  const { isCut, ...response } = await readWhole(context, url, options);
  if (!isCut) return response;
  const { isCut: isCutAgain, ...again } = await readWhole(context, url, options);
  if (isCutAgain && again.wireBytes !== response.wireBytes) throw new FetchError('network-error', { url });
  return again;
}

async function readWhole(
  context: FetchContext,
  url: string,
  options: FetchOptions,
): Promise<FetchResponse & { readonly isCut: boolean }> {
  const startMs = performance.now();
  const stream = await openStream(context, url, options);
  const { chunks, progress, isCut, cancel: _, ...head } = stream;
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const ms = Math.round(performance.now() - startMs);
  return { ...head, ...progress(), body: Buffer.concat(parts), ms, isCut: isCut() };
}

async function checkTarget(url: string, context: FetchContext, lookup: LookupFunction): Promise<void> {
  const { allowedOrigins, limits } = context;
  const target = parseTargetUrl(url, allowedOrigins);
  if (allowedOrigins.has(target.origin) || isAddress(target.hostname)) return;
  try {
    await withTimeLimit(() => resolvePublic(target.hostname, lookup), { timeoutMs: limits.connectTimeoutMs });
  } catch (error) {
    // A resolver that fails or does not answer in time is no reason to refuse.
    if (error instanceof FetchError) throw new FetchError(error.code, { url });
  }
}
