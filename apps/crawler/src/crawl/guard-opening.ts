import type { Fetcher, FetchStream } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import { BreakerOpenError, type Classify, type Family } from '@xnai/resilience';

/**
 * The same fetcher, whose streams (robots.txt and sitemaps) go through the breaker of their host: what is asked beside
 * the pages of a failing host counts too, and spares it too. A refusal is a `FetchError` `breaker-open`.
 */
export function guardOpening(hosts: Family, fetcher: Fetcher): Fetcher {
  return {
    ...fetcher,
    async open(url, options = {}) {
      const host = URL.parse(url)?.host;
      if (host === undefined) return fetcher.open(url, options);
      const open = ({ signal }: { readonly signal: AbortSignal }) =>
        fetcher.open(url, { ...options, signal });
      try {
        return await hosts.get(host).execute(open, { signal: options.signal, classify });
      } catch (error) {
        if (!(error instanceof BreakerOpenError)) throw error;
        throw new FetchError('breaker-open', { url, retryAfterMs: error.retryAfterMs });
      }
    },
  };
}

const classify: Classify = (outcome) => {
  if ('value' in outcome) return (outcome.value as FetchStream).status >= 500 ? 'failure' : 'success';
  return outcome.error instanceof FetchError && !outcome.error.retryable ? 'ignored' : undefined;
};
