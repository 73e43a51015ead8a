import { readRetryAfter } from '@xnai/contracts/retry-after';
import { startTimeLimit } from '@xnai/resilience';
import { parseTargetUrl } from '../address/target-url.ts';
import type { FetchContext } from './fetch-options.ts';
import { toFetchError } from './to-fetch-error.ts';

export interface PostRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a receiver said; its body is nobody's business. */
export interface PostAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

/** Of an answer's body: enough to keep the connection. */
const MAX_DUMP_BYTES = 16 * 1024;

/**
 * Sends a body. Redirects are answers like others: what was signed for one receiver does not go to another.
 *
 * @throws {FetchError} when there is no answer in time, or the target may not be reached
 */
export async function post(
  context: FetchContext,
  url: string,
  { body, headers, timeoutMs, signal }: PostRequest,
): Promise<PostAnswer> {
  using limit = startTimeLimit({ timeoutMs, signal });
  try {
    const target = parseTargetUrl(url, context.allowedOrigins);
    const response = await context.ways.allowed.agent.request({
      origin: target.origin,
      path: `${target.pathname}${target.search}`,
      method: 'POST',
      signal: limit.signal,
      headers: { ...headers, 'user-agent': context.userAgent },
      body,
    });
    await response.body.dump({ limit: MAX_DUMP_BYTES, signal: limit.signal });
    const after = response.headers['retry-after'];
    return { status: response.statusCode, retryAfterMs: readRetryAfter([after].flat()[0]) };
  } catch (error) {
    throw toFetchError(error, { cancel: signal, limit: limit.signal }, url);
  }
}
