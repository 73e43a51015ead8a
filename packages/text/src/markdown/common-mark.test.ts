import type { Block } from '@xnai/contracts';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import { readMarkdown } from './read-markdown.ts';

const oracle = new MarkdownIt({ html: true, maxNesting: 1000 });
const DEEPER: Readonly<Record<string, [items: number, quotes: number]>> = {
  list_item_open: [1, 0],
  list_item_close: [-1, 0],
  blockquote_open: [0, 1],
  blockquote_close: [0, -1],
};
const LABELS: Readonly<Record<string, string>> = {
  heading_open: 'heading',
  paragraph_open: 'text',
  fence: 'code',
  code_block: 'code',
  html_block: 'html',
  tr_open: 'row',
};

/** What markdown-it makes of each line: a kind of block, and in how many list items it lies. */
function expectedLabels(text: string): Map<number, string> {
  const labels = new Map<number, string>();
  let [items, quotes] = [0, 0];
  for (const { type, map } of oracle.parse(text, {})) {
    const [item, quote] = DEEPER[type] ?? [0, 0];
    items += item;
    quotes += quote;
    const label = type === 'heading_open' && items + quotes > 0 ? 'text' : LABELS[type];
    const [first, end] = map ?? [0, 0];
    if (label !== undefined)
      for (let line = first; line < end; line += 1) labels.set(line, `${label} ${items}`);
  }
  return labels;
}

function labelsOf(content: string): Map<number, string> {
  const { text, blocks } = readMarkdown(content);
  const labels = new Map<number, string>();
  const lineOf = (at: number) => text.slice(0, at).split('\n').length - 1;
  for (const block of blocks) {
    const { kind, start, end, bodyStart, bodyEnd } = block;
    if (bodyEnd === bodyStart) continue;
    const label = `${['heading', 'code', 'row'].includes(kind) ? kind : 'text'} ${itemsAround(blocks, block)}`;
    for (let line = lineOf(kind === 'code' ? start : bodyStart); line <= lineOf(end - 1); line += 1)
      labels.set(line, label);
  }
  return labels;
}

function itemsAround(blocks: readonly Block[], block: Block | undefined): number {
  if (block === undefined) return 0;
  return (block.kind === 'item' ? 1 : 0) + itemsAround(blocks, blocks[block.parent]);
}

const line = fc.constantFrom(
  ...[
    '# One',
    '## Two ##',
    '#Not',
    '####### seven',
    'Setext',
    '===',
    '---',
    '- item',
    '-',
    '  - nested',
    '* star',
  ],
  ...['+ plus', '1. first', '2. second', '10) ten', '> quoted', '>', '> - q', '```', '```js', '~~~'],
  ...[
    '    indented',
    '      deep',
    '\tt',
    '  two',
    '   three',
    '| a | b |',
    '| - | - |',
    'a | b',
    '1 | 2',
    '***',
  ],
  ...[
    '* * *',
    '_ _ _',
    '<div>',
    '</div>',
    '<b>x</b>',
    '<!-- c',
    '-->',
    '<pre>',
    'text',
    'more text',
    '',
    '',
    'a\\|b | c',
  ],
  ...[
    '- a\n  b',
    '- a\n\n  b',
    '1. x\n\n   y',
    '   - three',
    '     five',
    '-\tx',
    '>\tx',
    '- \n  late',
    '***bold***',
  ],
);

test('lines lie in the blocks that CommonMark and GFM have for them', () => {
  const document = fc.array(fc.tuple(fc.constantFrom('', '', '', '  '), line), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(document, (lines) => {
      const content = `${lines.map((parts) => parts.join('')).join('\n')}\n`;
      // Where a lazy line becomes the header of a table, markdown-it takes it out of its item.
      const hasLazyHeader = content.includes('| - |') && /^ *(?:[-+*]|\d+[.)]|>)[ \t]/m.test(content);
      fc.pre(!content.startsWith('---') && !hasLazyHeader);
      const expected = expectedLabels(content);
      const found = labelsOf(content);
      for (const [index, written] of content.split('\n').entries()) {
        const label = expected.get(index);
        // HTML is read further, marks alone are in no block, and the fences of empty code neither.
        if (
          /^[\s>]*$/.test(written) ||
          label?.startsWith('html') ||
          (label?.startsWith('code') && !found.has(index))
        )
          continue;
        expect(`${index}: ${found.get(index)}`).toBe(`${index}: ${label}`);
      }
    }),
    { numRuns: 3000, seed: 7 },
  );
});
