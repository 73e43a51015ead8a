import { type DomDocument, type DomElement, elementsOf } from './dom.ts';
import { linkDensity } from './find-content.ts';

const CLUTTER =
  /(^|[\s_-])(breadcrumbs?|share|sharing|social|related|newsletter|cookie|advert|promo|pagination|pager|edit-page|edit-this-page|page-nav|prev-next|feedback|was-this-helpful|toc|table[-_]of[-_]contents)([\s_-]|$)/i;

/**
 * Brings content to the few elements that Markdown knows: links and images absolute, notes as quotes, layout tables
 * as what they stand for, leftovers of navigation gone. Changes the tree.
 */
export function normalizeContent(document: DomDocument, root: DomElement, { url, base }: PageAddress): void {
  const self = withoutFragment(url);
  for (const element of elementsOf(root)) {
    if (!root.contains(element)) continue;
    switch (element.nodeName) {
      case 'A':
        normalizeLink(element, base, self);
        break;
      case 'IMG':
        normalizeImage(element, base);
        break;
      case 'TABLE':
        normalizeTable(document, element);
        break;
      case 'FOOTER':
      case 'ASIDE':
      case 'DIV':
      case 'UL':
      case 'SECTION':
        if (isClutter(element)) element.remove();
        break;
      default:
    }
  }
}

export interface PageAddress {
  readonly url: string;
  /** Base of relative links. */
  readonly base: string;
}

/** A link within the page is only its text: the page is read in pieces, and most of them hold no target. */
function normalizeLink(link: DomElement, base: string, self: string): void {
  const href = link.getAttribute('href');
  if (href === null) return;
  const url = URL.parse(href.trim(), base);
  const isKept =
    url !== null && /^(https?|mailto):$/.test(url.protocol) && withoutFragment(url.href) !== self;
  if (isKept) link.setAttribute('href', url.href);
  else link.removeAttribute('href');
}

function withoutFragment(url: string): string {
  return url.split('#', 1)[0] ?? '';
}

/** Only an image with a description is kept in a text. */
function normalizeImage(image: DomElement, base: string): void {
  const source = image.getAttribute('src') ?? image.getAttribute('data-src') ?? '';
  const url = URL.parse(source.trim(), base);
  const hasText = (image.getAttribute('alt') ?? '').trim() !== '';
  if (hasText && url !== null && /^https?:$/.test(url.protocol)) image.setAttribute('src', url.href);
  else image.remove();
}

function normalizeTable(document: DomDocument, table: DomElement): void {
  const parentClass = table.parentNode?.getAttribute('class') ?? '';
  if (/(^|\s)admonitionblock(\s|$)/.test(parentClass)) replaceAdmonition(document, table);
  else if (/(^|\s)hdlist(\s|$)/.test(parentClass)) replaceDefinitionTable(document, table);
}

/** AsciiDoc sets notes as a table of an icon and a text. */
function replaceAdmonition(document: DomDocument, table: DomElement): void {
  const icon = table.querySelector('td.icon');
  const content = table.querySelector('td.content');
  if (content === null) return;
  const label = icon?.querySelector('img')?.getAttribute('alt') ?? icon?.textContent?.trim() ?? '';
  const quote = document.createElement('blockquote');
  if (label !== '') {
    const strong = document.createElement('strong');
    strong.append(label);
    const paragraph = document.createElement('p');
    paragraph.append(strong);
    quote.append(paragraph);
  }
  quote.append(...content.childNodes);
  table.replaceWith(quote);
}

function replaceDefinitionTable(document: DomDocument, table: DomElement): void {
  const list = document.createElement('dl');
  for (const cell of [...table.querySelectorAll('td')]) {
    const item = document.createElement(
      /(^|\s)hdlist1(\s|$)/.test(cell.getAttribute('class') ?? '') ? 'dt' : 'dd',
    );
    item.append(...cell.childNodes);
    list.append(item);
  }
  table.replaceWith(list);
}

function isClutter(element: DomElement): boolean {
  if (element.nodeName === 'FOOTER') return element.closest('blockquote') === null;
  if (element.nodeName === 'ASIDE') return linkDensity(element) > 0.5;
  const name = `${element.getAttribute('class') ?? ''} ${element.getAttribute('id') ?? ''}`;
  return (
    CLUTTER.test(name) && ((element.textContent ?? '').trim().length < 100 || linkDensity(element) > 0.5)
  );
}
