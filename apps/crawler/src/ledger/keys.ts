const PREFIX = 'xnai:crawl:';

/** Ids of all crawls, each newer one sorting after the older ones. */
export const INDEX_KEY = `${PREFIX}index`;
/** Ids of the crawls that have not come to their end. */
export const ACTIVE_KEY = `${PREFIX}active`;
/** Pages on their way to rag, of all crawls. */
export const OUTBOX_KEY = `${PREFIX}outbox`;
/** Bytes of the bodies in the outbox. */
export const OUTBOX_BYTES_KEY = `${PREFIX}outbox-bytes`;
/** There while rag cannot be reached. */
export const RAG_DOWN_KEY = `${PREFIX}rag-down`;

export function idempotencyKey(hash: string): string {
  return `${PREFIX}idem:${hash}`;
}

export interface CrawlKeys {
  /** Hash: the crawl's record and counters. */
  readonly job: string;
  /** Hash: URL to its row, `q:<depth>:<order>` while it waits and a page result in JSON afterwards. */
  readonly pages: string;
  /** List: URLs in the order in which they came to a result. */
  readonly order: string;
  /** List: URLs that failed or were refused. */
  readonly errors: string;
  /** Stream: what the crawl's watchers are told. */
  readonly events: string;
  /** Hash: outbox entry to URL, for pages that rag has not acknowledged. */
  readonly waiting: string;
}

export function crawlKeys(id: string): CrawlKeys {
  return {
    job: `${PREFIX}job:${id}`,
    pages: `${PREFIX}pages:${id}`,
    order: `${PREFIX}order:${id}`,
    errors: `${PREFIX}errors:${id}`,
    events: `${PREFIX}events:${id}`,
    waiting: `${PREFIX}waiting:${id}`,
  };
}

/** The keys that every script about one crawl gets, in the order that the scripts name them in. */
export function scriptKeys(id: string): string[] {
  const keys = crawlKeys(id);
  return [
    keys.job,
    keys.pages,
    keys.order,
    keys.errors,
    keys.events,
    keys.waiting,
    ACTIVE_KEY,
    OUTBOX_KEY,
    OUTBOX_BYTES_KEY,
  ];
}
