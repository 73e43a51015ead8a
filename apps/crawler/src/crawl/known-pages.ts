import { type Address, BLOCKS_VERSION, type Metadata } from '@xnai/contracts';

/** A page that the collection has from an earlier crawl. */
export interface KnownPage {
  /** Of its address. */
  readonly id: string;
  readonly url: string;
  /** The document that has its text; that of another address where it is an alias. */
  readonly documentId: string;
  /** Undefined when it was read by an older release: it is to be read again, changed or not. */
  readonly validators: Validators | undefined;
  /** A file such as a PDF, which has no links. */
  readonly isFile: boolean;
}

/** By which a server or a sitemap tells whether a page has changed since it was fetched. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
  /** As the sitemap said it. */
  readonly lastmod?: string;
  /** ISO 8601. */
  readonly fetchedAt: string;
}

/** What the process of a crawl asks the one that can talk to rag. */
export type Question =
  /** The pages of the site of a URL that the collection has; of all sites without one. Undefined when rag cannot say. */
  | { readonly kind: 'known'; readonly url: string | undefined }
  /** The links that a page had. */
  | { readonly kind: 'links'; readonly id: string };

export interface Answers {
  readonly known: readonly KnownPage[] | undefined;
  readonly links: readonly string[] | undefined;
}

/** Resolves with undefined when the question cannot be answered. */
export type Ask = <Q extends Question>(question: Q) => Promise<Answers[Q['kind']]>;

export function knownPageOf({ id, url, document_id: documentId, metadata }: Address): KnownPage {
  const isCurrent = metadata['reader'] === BLOCKS_VERSION;
  return {
    id,
    url,
    documentId,
    validators: isCurrent ? validatorsIn(metadata) : undefined,
    isFile: metadata['file_name'] !== undefined,
  };
}

function validatorsIn(metadata: Metadata): Validators {
  const text = (name: string) => {
    const value = metadata[name];
    return typeof value === 'string' ? { [name]: value } : {};
  };
  const fetchedAt = String(metadata['fetchedAt'] ?? '');
  return { ...text('etag'), ...text('lastModified'), ...text('lastmod'), fetchedAt };
}

/** The validators of a response, as the metadata of its document keep them. */
export function metadataOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  lastmod: string | undefined,
): Metadata {
  const found = { etag: headers['etag'], lastModified: headers['last-modified'], lastmod };
  const kept = Object.entries(found).filter(
    ([, value]) => typeof value === 'string' && VALIDATOR.test(value),
  );
  return { ...(Object.fromEntries(kept) as Metadata), reader: BLOCKS_VERSION };
}

/** Printable ASCII, as a header must be that sends it back. */
const VALIDATOR = /^[\x20-\x7e]{1,500}$/;

/** The headers of a conditional request (RFC 9110 section 13.1); undefined where the server gave nothing to ask by. */
export function conditionOf({ etag, lastModified }: Validators): Record<string, string> | undefined {
  if (etag === undefined && lastModified === undefined) return undefined;
  return {
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
  };
}

const DAY_MS = 86_400_000;

/**
 * Whether a sitemap says that the page has not changed since it was fetched. It is asked only where the server gave
 * nothing to ask by: not every sitemap keeps its dates.
 */
export function isUnchangedBySitemap(known: Validators, lastmod: string | undefined): boolean {
  if (lastmod === undefined || lastmod !== known.lastmod || conditionOf(known) !== undefined) return false;
  // A date stands for its whole day, in whatever time zone.
  const spanMs = lastmod.includes('T') ? 0 : 1.5 * DAY_MS;
  return Date.parse(lastmod) + spanMs <= Date.parse(known.fetchedAt);
}
