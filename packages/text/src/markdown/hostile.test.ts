import type { Block } from '@xnai/contracts';
import { expect, test } from 'vitest';
import { checkDocument } from '../check-document.ts';
import { chunkDocument } from '../chunk/chunk-document.ts';
import { plainText } from '../inline/plain-text.ts';
import { readPlainText } from '../read-plain-text.ts';
import { readMarkdown } from './read-markdown.ts';

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const CHARS = 40_000;

/** Each is quadratic or worse in a reader that looks back or ahead without a bound. */
test.each([
  ...[
    '*_',
    '[a](',
    '[a][a]',
    '> ',
    '- ',
    '[',
    '<',
    '<!--',
    '<!-- -->',
    '<a ',
    '`',
    '`a``',
    '~~a ~~b',
    'a**b',
    '$a',
  ],
  ...[
    '$$\n',
    '|',
    '\n| a |\n| - |\n',
    '\n# h',
    '\n- a',
    '\n>',
    '\n  ',
    '\t',
    '\n',
    '\na\n: b',
    '\n[a]: b "',
    '\r',
  ],
  ...[
    '[^1]: a\n',
    '\n!!! n',
    '\n:::tip',
    '\n:::\n',
    '\na\n---',
    '[a](b "',
    '[a](<',
    '[¶](#a)',
    'a:\n',
    'x<sup>',
    '😀',
  ],
  ...[
    '<table><tr><td>',
    '<li>',
    '<h1>',
    '<pre><code>',
    '\n<div>\n',
    '<script>',
    '<br>',
    '<dl><dt>a<dd>',
    'word ',
  ],
])('%j without end is read in proportion to its length', (mark) => {
  for (const content of [mark.repeat(CHARS / mark.length), `<div>${mark.repeat(CHARS / mark.length)}`]) {
    for (const document of [readMarkdown(content), readPlainText(content)]) {
      expect(checkDocument(document)).toBeUndefined();
      const chunks = chunkDocument(document);
      const held = new Set(chunks.flatMap(({ firstBlock, lastBlock }) => range(firstBlock, lastBlock)));
      const isHeld = ({ kind }: Block, index: number) => kind === 'heading' || held.has(index);
      expect(document.blocks.every(isHeld)).toBe(true);
    }
    expect(plainText('markdown', content).length).toBeLessThanOrEqual(content.length);
  }
});

test('containers nested beyond measure keep their text', () => {
  for (const mark of ['> ', '- ', '1. ']) {
    const { text, blocks } = readMarkdown(`${mark.repeat(20_000)}walrus`);
    expect(blocks.some(({ bodyStart, bodyEnd }) => text.slice(bodyStart, bodyEnd).endsWith('walrus'))).toBe(
      true,
    );
  }
});
