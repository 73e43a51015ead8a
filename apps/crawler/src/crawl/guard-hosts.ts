import type { BaseHttpClient } from '@crawlee/cheerio';
import type { Family } from '@xnai/resilience';
import { FetchError } from '../fetch/fetch-error.ts';

/** Each host behind a breaker of its own: only what a later try might mend speaks against a host. */
export function guardHosts(hosts: Family, client: BaseHttpClient): BaseHttpClient {
  return {
    sendRequest: (request) => client.sendRequest(request),
    stream: (request, onRedirect) =>
      hosts
        .get(new URL(request.url).host)
        .execute(({ signal }) => client.stream({ ...request, signal }, onRedirect), {
          ...(request.signal === undefined ? {} : { signal: request.signal }),
          classify: (outcome) =>
            'error' in outcome && outcome.error instanceof FetchError && !outcome.error.retryable
              ? 'ignored'
              : undefined,
        }),
  };
}
