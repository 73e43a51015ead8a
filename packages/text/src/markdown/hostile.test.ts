import type { Block } from '@xnai/contracts';
import { expect, test } from 'vitest';
import { checkDocument } from '../check-document.ts';
import { MAX_CHARS } from '../chunk/chunk.ts';
import { chunkDocument } from '../chunk/chunk-document.ts';
import { plainText } from '../inline/plain-text.ts';
import { readPlainText } from '../read-plain-text.ts';
import { blocksIn } from '../testing/blocks-in.ts';
import { readMarkdown } from './read-markdown.ts';

const CHARS = 40_000;

/** Marks that never end, with which a reader may come to look back or ahead without a bound. */
const MARKS = [
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
];

// A look at all that follows or precedes, once for each mark, takes minutes: the time limit of a test ends it.
test.each(MARKS)('a megabyte of %j is read without looking far from each', (mark) => {
  const { text, losses } = readMarkdown(mark.repeat(2 ** 20 / mark.length));
  expect(text.length + losses.reduce((sum, { chars }) => sum + chars, 0)).toBeLessThan(2 ** 22);
});

test.each(MARKS)('%j without end is held by chunks with offsets within its text', (mark) => {
  for (const content of [mark.repeat(CHARS / mark.length), `<div>${mark.repeat(CHARS / mark.length)}`]) {
    for (const document of [readMarkdown(content), readPlainText(content)]) {
      expect(checkDocument(document)).toBeUndefined();
      const chunks = chunkDocument(document);
      const held = new Set(blocksIn(document, chunks).flat());
      const isHeld = ({ kind }: Block, index: number) => kind === 'heading' || held.has(index);
      expect(document.blocks.every(isHeld)).toBe(true);
    }
    expect(plainText('markdown', content).length).toBeLessThanOrEqual(content.length);
  }
});

test.each([
  ['a code block of 10 MiB', `\`\`\`\n${'const x = 1; // code\n'.repeat(499_000)}\`\`\``],
  ['a code block of one line of 10 MiB', `\`\`\`\n${'x'.repeat(10 * 1024 ** 2)}\n\`\`\``],
  ['a table of 90,000 rows', `| a | b |\n| - | - |\n${'| x y | z |\n'.repeat(90_000)}`],
  ['5 MB of blank lines', `a${'\n'.repeat(5_000_000)}b`],
  ['5 MB of blanks in a line', `a${' '.repeat(5_000_000)}b`],
  ['lists nested 300 deep', Array.from({ length: 300 }, (_, n) => `${'  '.repeat(n)}- a`).join('\n')],
])('%s are chunks within the bounds', (_, content) => {
  const document = readMarkdown(content);
  const chunks = chunkDocument(document);
  expect(Math.max(...chunks.map(({ text }) => text.length))).toBeLessThanOrEqual(MAX_CHARS);
  const shown = chunks.reduce((sum, { text }) => sum + text.replace(/\s+/g, '').length, 0);
  expect(shown).toBeGreaterThanOrEqual(content.replace(/[\s|-]+/g, '').length - 20);
});

test('50,000 headings are 50,000 chunks', () => {
  expect(chunkDocument(readMarkdown('# h\n'.repeat(50_000)))).toHaveLength(50_000);
});

test('containers nested beyond measure keep their text', () => {
  for (const mark of ['> ', '- ', '1. ']) {
    const { text, blocks } = readMarkdown(`${mark.repeat(20_000)}walrus`);
    expect(blocks.some(({ bodyStart, bodyEnd }) => text.slice(bodyStart, bodyEnd).endsWith('walrus'))).toBe(
      true,
    );
  }
});
