import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Block } from './block.ts';
import { parsedBlocks } from './markdown-blocks.ts';
import { packChunks } from './pack.ts';
import { scanBlocks } from './scan-blocks.ts';
import { sections } from './sections.ts';

const whole = (text: string) => ({ start: 0, end: text.length });
const scan = (text: string) => scanBlocks(text, whole(text), (start, end) => parsedBlocks(text, start, end));
const chunksOf = (text: string, blocks: readonly Block[]) => packChunks(text, sections(text, blocks));

const sentence = fc
  .array(
    fc.constantFrom('a', 'Word', 'some', '*em*', '**b**', '`c`', '[l](u)', '_x_', 'é', '😀', '1.5', 'end.'),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((words) => words.join(' '));
const start = fc.constantFrom(
  ...[
    '',
    '',
    '',
    '',
    ' ',
    '  ',
    '   ',
    '    ',
    '      ',
    '\t',
    '# ',
    '## ',
    '### [T](#t) ',
    ' # ',
    '#',
    '- ',
    '- - ',
    '* ',
  ],
  ...[
    '+ ',
    '-',
    '1. ',
    '1) ',
    '2. ',
    '10. ',
    '> ',
    '>',
    '  - ',
    '   - ',
    '    - ',
    '```',
    '```js ',
    '  ```',
    '~~~',
    '| ',
  ],
  ...[
    '---',
    '***',
    '* * *',
    '===',
    '| - | - |',
    ':-: | -',
    '<div>',
    '<b>',
    '</div>',
    '<pre>',
    '</pre>',
    '<!--',
    '-->',
    '<?',
  ],
  ...['[r]: ', '&amp;', '\\', '\u00a0', '\u3000', '12', '-a', '*a', '####### ', '# #', '## x ##'],
);
const line = fc
  .tuple(
    start,
    fc.oneof(
      { weight: 4, arbitrary: sentence },
      fc.constantFrom('', 'long '.repeat(90), 'longer '.repeat(200)),
    ),
  )
  .map((parts) => parts.join(''));
const breaks = fc.constantFrom(
  '\n',
  '\n',
  '\n',
  '\n\n',
  '\n\n',
  '\n \n',
  '\n\n\n',
  '\r\n',
  '\r',
  '\n\t\n',
  '\r\n\r\n',
);
const document = fc.array(fc.tuple(line, breaks), { maxLength: 14 }).map((lines) => lines.flat().join(''));

test('chunks are those that the parser alone would lead to', () => {
  fc.assert(
    fc.property(document, (text) => {
      expect(chunksOf(text, scan(text))).toEqual(chunksOf(text, parsedBlocks(text, 0, text.length)));
    }),
    { numRuns: 1500 },
  );
});
