import type { TextDocument } from '@xnai/contracts';
import { escapeUTF8 } from 'entities/escape';
import {
  attribute,
  descendants,
  elements,
  find,
  parseXml,
  textOf,
  type XmlElement,
} from '../container/parse-xml.ts';
import { readHtml } from '../html/read-html.ts';
import { webAddress } from '../web-address.ts';

export interface Feed {
  readonly document: TextDocument;
  readonly title: string;
  /** Where its entries lead. */
  readonly links: readonly string[];
}

/**
 * Reads RSS (0.9 to 2.0) and Atom (RFC 4287): each entry under its title. Undefined for XML of another kind.
 *
 * @param url address of the feed, by which relative links are resolved
 * @throws {ReadError} DOCUMENT_TOO_LARGE when its XML is nested too deep or has too many elements
 */
export function readFeed(bytes: Uint8Array, url: string): Feed | undefined {
  const root = parseXml(bytes);
  if (!/^(rss|rdf|feed)$/i.test(root.name)) return undefined;
  const entries = descendants(root, 'item', 'entry');
  const title = lineOf(find(root, 'channel', 'title') ?? find(root, 'title'));
  const html = `<title>${escapeUTF8(title)}</title><main><h1>${escapeUTF8(title)}</h1>${entries
    .map((entry) => `<h2>${escapeUTF8(lineOf(find(entry, 'title')))}</h2>${contentOf(entry)}`)
    .join('')}</main>`;
  const links = entries.map((entry) => webAddress(linkOf(entry), url)).filter((link) => link !== undefined);
  return { document: readHtml(html, { url }).document, title, links: [...new Set(links)] };
}

/** RFC 4287 section 4.2.7.2: a link without `rel` leads to the page itself. RSS has the address as text. */
function linkOf(entry: XmlElement): string {
  const links = elements(entry, 'link');
  const link = links.find((one) => (attribute(one, 'rel') ?? 'alternate') === 'alternate') ?? links[0];
  return attribute(link, 'href') ?? textOf(link);
}

/** The whole text of an entry where the feed has it, else its summary. Both are HTML in most feeds. */
function contentOf(entry: XmlElement): string {
  const content =
    find(entry, 'encoded') ?? find(entry, 'content') ?? find(entry, 'description') ?? find(entry, 'summary');
  const isMarkup = attribute(content, 'type') !== 'text' && elements(content).length === 0;
  const text = textOf(content);
  return `<div>${isMarkup ? text : escapeUTF8(text)}</div>`;
}

function lineOf(element: XmlElement | undefined): string {
  return textOf(element).replace(/\s+/g, ' ').trim();
}
