import type { Metadata } from '@xnai/contracts';
import type { DocumentKey } from './document-key.ts';

/** An address on the web under which the text of a document was found: its own, or one of its aliases. */
export interface Address extends DocumentKey {
  readonly url: string;
  /** Id of the document that keeps the text; the address's own id where it is no alias. */
  readonly documentId: string;
  readonly contentHash: string;
  readonly metadata: Metadata;
  /** ISO 8601. */
  readonly updatedAt: string;
}

export interface AddressWithLinks extends Address {
  /** Where the page leads, as it was put; undefined where it was put without its links. */
  readonly links: readonly string[] | undefined;
}

export interface AddressPage {
  /** Only URLs that begin with it. */
  readonly prefix?: string | undefined;
  /** The last id of the previous page. */
  readonly after?: string | undefined;
  readonly limit: number;
}

type Preferable = Pick<Address, 'url' | 'metadata'>;

const INDEX_FILE = /^(index|default|home)\.[a-z]{2,5}$/i;

/**
 * Whether a text that was found under both addresses is to be kept under `a`: the one that the other declares as its
 * canonical URL, else the one without parameters, the encrypted one, or the folder before its index file.
 */
export function isBetterAddress(a: Preferable, b: Preferable): boolean {
  if (a.metadata['canonical'] === b.url) return false;
  if (b.metadata['canonical'] === a.url) return true;
  if (a.url.includes('?') !== b.url.includes('?')) return b.url.includes('?');
  if (b.url === a.url.replace(/^https:/, 'http:') && a.url !== b.url) return true;
  return b.url.startsWith(a.url) && INDEX_FILE.test(b.url.slice(a.url.length));
}
