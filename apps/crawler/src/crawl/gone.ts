import type { PageResult } from '@xnai/contracts';
import { isLoginAddress } from '../extract/recognise-stand-in.ts';
import type { GoneDocument } from '../ledger/page-log.ts';
import { documentId } from '../scope/canonical-url.ts';
import type { KnownPage } from './known-pages.ts';

export type Outcome = Pick<PageResult, 'url' | 'status' | 'reason' | 'httpStatus' | 'finalUrl'>;

/**
 * Whether the outcome of a page shows that there is no such page any more: 404, 410, `noindex`, a page that says so with
 * status 200, or a redirect to another. Errors that may pass, and logins, show nothing.
 */
export function isGone({ url, status, reason, httpStatus, finalUrl }: Outcome): boolean {
  if (httpStatus === 404 || httpStatus === 410 || reason === 'soft-404') return true;
  // Without a status, robots.txt forbade to fetch it.
  if (reason === 'robots') return httpStatus !== null;
  if (finalUrl === undefined || documentId(finalUrl) === documentId(url)) return false;
  if (reason === 'redirect-out-of-scope') return !isLoginAddress(finalUrl);
  return status !== 'failed' && (status !== 'skipped' || reason === 'duplicate');
}

/** Whether pages may lead on from this one that the crawl therefore did not see. */
export function hidesLinks(outcome: Outcome): boolean {
  const { status, reason } = outcome;
  if (status === 'failed') return !isGone(outcome);
  return reason !== undefined && HIDING.has(reason);
}

const HIDING: ReadonlySet<string> = new Set([
  'robots-unreachable',
  'login-wall',
  'budget',
  'limit',
  'charset',
]);

export interface SiteAfterCrawl {
  /** Those of the collection that belong to the crawl; undefined when rag could not name them. */
  readonly known: readonly KnownPage[] | undefined;
  /** Ids of pages that are gone. */
  readonly gone: ReadonlySet<string>;
  readonly wasReached: (page: KnownPage) => boolean;
  readonly isPruned: boolean;
  /** Why pages may exist that the crawl did not see, in words. */
  readonly unseen: string | undefined;
}

/** More of a site at once is taken for a fault of the site. */
const MAX_SHARE = 0.3;
/** A smaller site may well lose a third of its pages. */
const SMALL_SITE = 10;

export interface Removal {
  readonly documents: readonly GoneDocument[];
  /** What was left undone, and why. */
  readonly warning?: string;
}

/** Which documents a crawl deletes at its end. */
export function decideRemoval({ known, gone, wasReached, isPruned, unseen }: SiteAfterCrawl): Removal {
  if (known === undefined) {
    const isNeeded = isPruned || gone.size > 0;
    const warning = 'rag could not say what the collection holds: nothing was deleted';
    return { documents: [], ...(isNeeded && { warning }) };
  }
  const isPruning = isPruned && unseen === undefined;
  const documents = known.filter((page) => gone.has(page.id) || (isPruning && !wasReached(page)));
  if (known.length >= SMALL_SITE && documents.length > known.length * MAX_SHARE) {
    const share = Math.round((100 * documents.length) / known.length);
    const warning = `${documents.length} of the ${known.length} documents of this site would be deleted at once (${share} %, more than ${MAX_SHARE * 100} %): nothing was deleted. Where the site has really changed, crawl it into a new collection, or delete them by their ids`;
    return { documents: [], warning };
  }
  const warning = `prune was left out, since the crawl did not see the whole site: ${unseen}`;
  return { documents, ...(isPruned && unseen !== undefined && { warning }) };
}
