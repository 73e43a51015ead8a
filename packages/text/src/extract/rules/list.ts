import type TurndownService from 'turndown';
import type { DomElement } from '../dom.ts';

/** List items indented by the width of their marker, numbered as the page numbers them. */
export function addListRules(turndown: TurndownService): void {
  const counters = new WeakMap<DomElement, number>();
  turndown.addRule('listItem', {
    filter: 'li',
    replacement: (content, node) => {
      const list = (node as unknown as DomElement).parentNode;
      if (list?.nodeName !== 'OL') return toItem('- ', content);
      // Counted as the items come: looking for one's own place in the list takes longer with each item.
      const number = counters.get(list) ?? firstNumber(list);
      counters.set(list, number + 1);
      return toItem(`${number}. `, content);
    },
  });
}

/** One item of a list: everything after its first line belongs to it by indentation. */
export function toItem(marker: string, content: string): string {
  const isLoose = /\n\s*$/.test(content) && content.trim().includes('\n\n');
  const body = content.trim().replace(/\n(?!\n|$)/g, `\n${' '.repeat(marker.length)}`);
  return body === '' ? '' : `\n${marker}${body}\n${isLoose ? '\n' : ''}`;
}

function firstNumber(list: DomElement): number {
  const start = Number(list.getAttribute('start') ?? 1);
  return Number.isSafeInteger(start) && start >= 0 ? start : 1;
}
