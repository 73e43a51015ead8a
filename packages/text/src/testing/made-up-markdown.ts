import fc from 'fast-check';

const words = (count: number) => Array.from({ length: count }, (_, n) => `word${n}`).join(' ');

const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.stringMatching(/^[-+*>#|:`~$=![\]<a \t\d.]{0,12}$/),
  fc.constantFrom(
    '# One',
    '## Two *em* `code` {#two}',
    '#### Four',
    'Setext\n===',
    '- item',
    '  - [x] nested',
    '1. first',
    '> quoted',
    '> [!NOTE] Title',
    '```js\nlet a = 1;\n\n\nb\n```',
    '~~~\nunclosed',
    '    indented code',
    '| a | b |\n| - | - |\n| 1 | 2 |\n| 3 | 4 |',
    '***',
    '<div>\n<b>x</b>',
    '[ref]: http://example.org "x"',
    '[^1]: a footnote',
    'Term\n: its definition',
    '!!! note "Title"',
    ':::tip Title',
    ':::',
    '$$',
    '\ttab',
    '\r',
    '\u00a0',
    '---\ntitle: x\n---',
  ),
  fc.integer({ min: 1, max: 700 }).map(words),
  fc.integer({ min: 1, max: 9000 }).map((length) => '😀x'.repeat(length / 3)),
  fc.integer({ min: 1, max: 900 }).map((count) => `\`\`\`\n${'line of code\n'.repeat(count)}\`\`\``),
);

/** Markdown of all kinds of blocks in any order, with any line ends. */
export const madeUpMarkdown = fc
  .array(fc.tuple(piece, fc.constantFrom('\n', '\n\n', '\r\n', '\r\n\r\n', '\n \n', '\n  ', '\n    ')), {
    maxLength: 25,
  })
  .map((lines) => lines.flat().join(''));
