import type { Citation } from '@xnai/contracts';

/** The address that opens a passage in the console; undefined where there is no console. */
export type LinkTo = (place: Pick<Citation, 'document_id' | 'start' | 'end'>) => string | undefined;

/** The address of what is cited: its own on the web, or else the one that opens it in the console. */
export function linkOf(citation: Citation, linkTo: LinkTo): string | undefined {
  const { url } = citation;
  return url !== null && /^https?:\/\//i.test(url) ? url : linkTo(citation);
}

/** Links to a collection's documents in the console at this address. */
export function consoleLinks(address: string, collection: string): LinkTo {
  return ({ document_id: id, start, end }) => {
    const path = ['documents', collection, id, `${start}-${end}`].map(encodeURIComponent).join('/');
    return `${address}/#/${path}`;
  };
}
