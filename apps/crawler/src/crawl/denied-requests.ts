import type { RefusedTarget } from '@xnai/egress';
import type { PageLog } from '../ledger/page-log.ts';

/** Maximum number of them that are named per crawl; the metrics count all requests. */
const MAX_NOTED = 500;

/**
 * Adds to the errors of the crawl the requests that pages made from the browser and that the egress denied, each host
 * and port once, without the address that the name resolved to; and the links of public pages to private origins. Other
 * denied requests of the crawl itself are pages there.
 */
export function noteDeniedRequests(pageLog: Pick<PageLog, 'noteDenied'>) {
  const noted = new Set<string>();
  const underWay = new Set<Promise<void>>();

  function note({ by, reason, hostname, port }: RefusedTarget): void {
    if (by !== 'pass' || (reason !== 'not-public' && reason !== 'port')) return;
    const url = port === 443 ? URL.parse(`https://${hostname}/`) : URL.parse(`http://${hostname}:${port}/`);
    if (url !== null) noteUrl(url.href);
  }

  function noteUrl(url: string): void {
    if (noted.has(url) || noted.size >= MAX_NOTED) return;
    noted.add(url);
    // A crawl that was stopped or lost needs no note.
    const written: Promise<void> = pageLog
      .noteDenied(url, 'not-public')
      .catch(() => {})
      .finally(() => underWay.delete(written));
    underWay.add(written);
  }

  return {
    note,
    noteUrl,
    async [Symbol.asyncDispose]() {
      await Promise.all(underWay);
    },
  };
}
