import { FETCH_FAILURES } from '@xnai/egress';
import type { Classify, Family } from '@xnai/resilience';
import type { ScrapeEnd } from './page.ts';

/**
 * Scrapes through the breaker of the page's host: only what a later try might mend speaks against it.
 *
 * @throws BreakerOpenError
 */
export function scrapeThrough(
  hosts: Family,
  { url, signal }: { readonly url: string; readonly signal: AbortSignal },
  scrape: (signal: AbortSignal) => Promise<ScrapeEnd>,
): Promise<ScrapeEnd> {
  const breaker = hosts.get(new URL(url).host);
  return breaker.execute((context) => scrape(context.signal), { signal, classify });
}

const classify: Classify = (outcome) => {
  // Whatever ended the process that scraped, it was not the host.
  if (!('value' in outcome)) return 'ignored';
  const end = outcome.value as ScrapeEnd;
  if (end.type === 'page') return 'success';
  return end.type === 'failed' && isPassing(end) ? 'failure' : 'ignored';
};

const PASSING_STATUS = new Set([408, 425, 429]);

function isPassing({ reason, status }: Extract<ScrapeEnd, { type: 'failed' }>): boolean {
  if (status !== undefined) return status >= 500 || PASSING_STATUS.has(status);
  const known: Readonly<Partial<Record<typeof reason, { readonly retryable: boolean }>>> = FETCH_FAILURES;
  return known[reason]?.retryable === true;
}
