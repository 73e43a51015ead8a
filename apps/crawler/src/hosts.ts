import { FetchError, type Fetcher } from '@xnai/egress';
import {
  createRedisStore,
  createRegistry,
  type Family,
  type Logger,
  type Registry,
  type Verdict,
} from '@xnai/resilience';

/** The registry of one process of the crawler: the API's, or a crawl's. All of them share the hosts. */
export function createCrawlerRegistry(redisUrl: string, logger?: Logger): Registry {
  return createRegistry({ service: 'crawler', logger, store: createRedisStore({ url: redisUrl }) });
}

/** Of the breakers for hosts of others, which all processes and replicas share. */
const OF_A_HOST = { scope: 'shared', idleMs: 600_000, openMs: 5000, maxOpenMs: 60_000 } as const;

/** One breaker for each host that pages are fetched from, by crawls and scrapes. */
export function createHosts(registry: Pick<Registry, 'family'>): Family {
  return registry.family('host', {
    ...OF_A_HOST,
    max: 5000,
    window: { kind: 'consecutive', failures: 8 },
  });
}

/** One breaker for each receiver of webhooks. */
export function createReceivers(registry: Pick<Registry, 'family'>): Family {
  return registry.family('webhook', {
    ...OF_A_HOST,
    max: 1000,
    window: { kind: 'consecutive', failures: 5 },
  });
}

export interface HostCall<T> {
  readonly signal: AbortSignal | undefined;
  /** What a fetch that was not rejected says about its host. */
  readonly verdictOf: (value: T) => Verdict;
}

/**
 * Fetches through the breaker of the URL's host. Only failures that a later attempt might not meet count against it.
 * @throws {BreakerOpenError} when the host's breaker is open
 */
export function throughHost<T>(
  hosts: Family,
  url: string,
  fetch: (signal: AbortSignal) => Promise<T>,
  { signal, verdictOf }: HostCall<T>,
): Promise<T> {
  return hosts.get(new URL(url).host).execute((context) => fetch(context.signal), {
    signal,
    classify: (outcome) => {
      if ('value' in outcome) return verdictOf(outcome.value as T);
      return outcome.error instanceof FetchError && outcome.error.retryable ? 'failure' : 'ignored';
    },
  });
}

const PASSING_STATUS = new Set([408, 425, 429]);

/** True for a status after which the same request may succeed later. */
export function isPassingStatus(status: number): boolean {
  return status >= 500 || PASSING_STATUS.has(status);
}

export function verdictOnStatus({ status }: { readonly status: number }): Verdict {
  return isPassingStatus(status) ? 'failure' : 'success';
}

/**
 * The same fetcher, whose streams (robots.txt and sitemaps) go through the breaker of their host. While that is open,
 * `open` throws a `BreakerOpenError`.
 */
export function guardStreams(hosts: Family, fetcher: Fetcher): Fetcher {
  return {
    ...fetcher,
    async open(url, options = {}) {
      if (!URL.canParse(url)) return fetcher.open(url, options);
      const open = (signal: AbortSignal) => fetcher.open(url, { ...options, signal });
      return throughHost(hosts, url, open, { signal: options.signal, verdictOf: verdictOnStatus });
    },
  };
}
