import type { RefusedTarget } from '@xnai/egress';
import type { PageLog } from '../ledger/page-log.ts';

/** So many hosts of a crawl are named; all are counted in the metrics. */
const MAX_NOTED = 500;

/**
 * Writes among a crawl's errors where its pages wanted to go from the browser and were not let: each host and port
 * once, and nothing of what the name resolved to. What the crawl itself was refused is a page of its own there.
 */
export function noteRefusals(pageLog: Pick<PageLog, 'refuse'>) {
  const noted = new Set<string>();
  const underWay = new Set<Promise<void>>();

  function note({ by, reason, hostname, port }: RefusedTarget): void {
    if (by !== 'pass' || (reason !== 'not-public' && reason !== 'port')) return;
    const url = port === 443 ? URL.parse(`https://${hostname}/`) : URL.parse(`http://${hostname}:${port}/`);
    if (url === null || noted.has(url.href) || noted.size >= MAX_NOTED) return;
    noted.add(url.href);
    // A crawl that was stopped or lost has no use for the note.
    const written: Promise<void> = pageLog
      .refuse(url.href, 'not-public')
      .catch(() => {})
      .finally(() => underWay.delete(written));
    underWay.add(written);
  }

  return {
    note,
    async [Symbol.asyncDispose]() {
      await Promise.all(underWay);
    },
  };
}
