import type TurndownService from 'turndown';
import type { DomElement } from '../dom.ts';

/** Headings on one line; one that has an anchor links to it, so that an answer can lead to the very section. */
export function addHeadingRule(turndown: TurndownService): void {
  turndown.addRule('heading', {
    filter: ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
    replacement: (content, node) => {
      const heading = node as unknown as DomElement;
      const text = content.replace(/\s+/g, ' ').trim();
      if (text === '') return '';
      const anchor = anchorOf(heading);
      const isLinked = /\]\(/.test(text);
      const label = anchor === undefined || isLinked ? text : `[${text}](#${encodeURI(anchor)})`;
      return `\n\n${'#'.repeat(Number(heading.nodeName.slice(1)))} ${label}\n\n`;
    },
  });
}

function anchorOf(heading: DomElement): string | undefined {
  const own = heading.getAttribute('id') || heading.querySelector('a[id], a[name]');
  if (typeof own === 'string' && own !== '') return clean(own);
  const named =
    own && typeof own !== 'string' ? own.getAttribute('id') || own.getAttribute('name') : undefined;
  return clean(named || sectionId(heading));
}

function sectionId(heading: DomElement): string | undefined {
  const parent = heading.parentNode;
  if (parent === null || parent.firstElementChild !== heading) return undefined;
  const isSection =
    parent.nodeName === 'SECTION' || /(^|\s)sect(ion|\d)/.test(parent.getAttribute('class') ?? '');
  return isSection ? (parent.getAttribute('id') ?? undefined) : undefined;
}

function clean(id: string | undefined): string | undefined {
  return id && /^[^\s()<>]+$/.test(id) ? id : undefined;
}
