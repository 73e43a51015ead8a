import type TurndownService from 'turndown';
import type { DomElement } from '../dom.ts';
import { toItem } from './list.ts';

/**
 * Definition lists, for which Markdown has nothing: a list item for each definition, its terms in bold in front, so
 * that term and description stay together however the text is cut.
 */
export function addDefinitionListRules(turndown: TurndownService): void {
  turndown.addRule('definitionTerm', {
    filter: 'dt',
    replacement: (content, node) => {
      const term = toTerm(content);
      const isFirst = !isPrecededByTerm(node as unknown as DomElement);
      const isLast = !isFollowedBy(node as unknown as DomElement, 'DT');
      const hasDescription = isFollowedBy(node as unknown as DomElement, 'DD');
      if (term === '') return '';
      return `${isFirst ? '\n- ' : ', '}${term}${hasDescription ? ':' : ''}${isLast && !hasDescription ? '\n' : ''}`;
    },
  });
  turndown.addRule('definitionDescription', {
    filter: 'dd',
    replacement: (content, node) => {
      const description = node as unknown as DomElement;
      const isAfterTerm = description.previousElementSibling?.nodeName === 'DT';
      if (!isAfterTerm) return toItem('- ', content);
      const item = toItem('  ', content).replace(/^\n {2}/, '');
      return /^(\s*\n)*\s*([-*+>|]|\d+\. |```|~~~|#)/.test(content) ? `\n\n  ${item}` : ` ${item}`;
    },
  });
  turndown.addRule('definitionList', {
    filter: 'dl',
    replacement: (content) => `\n\n${content.trim()}\n\n`,
  });
}

function toTerm(content: string): string {
  const text = content.replace(/\s+/g, ' ').trim();
  return text === '' || text.includes('**') ? text : `**${text}**`;
}

function isPrecededByTerm(term: DomElement): boolean {
  return term.previousElementSibling?.nodeName === 'DT';
}

function isFollowedBy(term: DomElement, name: string): boolean {
  return term.nextElementSibling?.nodeName === name;
}
