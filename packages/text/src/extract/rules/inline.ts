import type TurndownService from 'turndown';
import type { DomElement } from '../dom.ts';

/** Links with their text, emphasis that is whole, code with enough backticks. */
export function addInlineRules(turndown: TurndownService): void {
  turndown.addRule('link', {
    filter: 'a',
    replacement: (content, node) => {
      const href = (node as unknown as DomElement).getAttribute('href');
      const text = content.replace(/\s*\n\s*/g, ' ').trim();
      if (href === null || text === '') return content;
      return `[${balanceBrackets(text)}](${href.replace(/[()]/g, encodeURIComponent).replace(/\(/g, '%28').replace(/\)/g, '%29')})`;
    },
  });
  turndown.addRule('emphasis', {
    filter: ['em', 'i', 'cite', 'var', 'dfn'],
    replacement: (content, node) => (isInTerm(node) ? content : wrap(content, '*')),
  });
  turndown.addRule('strong', {
    filter: ['strong', 'b'],
    replacement: (content, node) => (isInTerm(node) ? content : wrap(content, '**')),
  });
  turndown.addRule('code', {
    filter: (node) => /^(CODE|KBD|SAMP|TT)$/.test(node.nodeName) && node.parentNode?.nodeName !== 'PRE',
    replacement: (_content, node) => toCode((node as unknown as DomElement).textContent ?? ''),
  });
}

/** The terms of definition lists and the cells of a table's head are set off as a whole. */
function isInTerm(node: unknown): boolean {
  return (node as DomElement).closest('dt, th, h1, h2, h3, h4, h5, h6, strong strong, b b') !== null;
}

function wrap(content: string, mark: string): string {
  const text = content.trim();
  // Blocks, and marks that are there already, cannot be marked again.
  const isWrappable =
    text !== '' && !text.includes('\n\n') && !/^\*|\*$/.test(text) && !/^`[^`]+`$/.test(text);
  return isWrappable ? `${mark}${text}${mark}` : content;
}

function toCode(text: string): string {
  const code = text.replace(/\s+/g, ' ').trim();
  if (code === '') return '';
  const longest = Math.max(0, ...(code.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${code}${pad}${fence}`;
}

function balanceBrackets(text: string): string {
  let depth = 0;
  for (const [bracket] of text.matchAll(/\\.|[[\]]/g)) {
    if (bracket === '[') depth += 1;
    if (bracket === ']') depth -= 1;
    if (depth < 0) break;
  }
  return depth === 0 ? text : text.replace(/(?<!\\)[[\]]/g, '\\$&');
}
