import type { BaseHttpClient, HttpRequest, ResponseTypes } from '@crawlee/cheerio';
import { FetchError } from '@xnai/egress';
import type { Classify, Family } from '@xnai/resilience';

/** Each host behind a breaker of its own: only what a later try might mend speaks against a host. */
export function guardHosts(
  hosts: Family,
  client: BaseHttpClient,
  onFetched: (host: string) => void,
): BaseHttpClient {
  const classify: Classify = (outcome) =>
    'error' in outcome && outcome.error instanceof FetchError && !outcome.error.retryable
      ? 'ignored'
      : undefined;
  async function sendRequest<T extends keyof ResponseTypes = 'text'>(request: HttpRequest<T>) {
    const { host } = new URL(request.url);
    const fetch = ({ signal }: { readonly signal: AbortSignal }) =>
      client.sendRequest<T>({ ...request, signal }).finally(() => onFetched(host));
    return hosts.get(host).execute(fetch, { signal: request.signal, classify });
  }
  return { sendRequest, stream: client.stream };
}
