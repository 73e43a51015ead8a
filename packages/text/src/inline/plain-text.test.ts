import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test.each([
  [
    'See **the** [`git` guide](https://example.org/a_b "x") for \\-f and _more_.',
    'See the `git` guide for -f and more.',
  ],
  ['the pattern `**/*.test.ts` and ``a ` b``  here', 'the pattern `**/*.test.ts` and ``a ` b`` here'],
  ['an `unclosed span with *marks*', 'an `unclosed span with marks'],
  [
    'snake_case_name, 2*3*4, * alone and C:\\Program Files\\nginx',
    'snake_case_name, 2*3*4, * alone and C:\\Program Files\\nginx',
  ],
  ['日本**語**です, ***both***, __strong _em_ here__', '日本語です, both, strong em here'],
  ['\\*not\\* &lt;br&gt; &amp;nbsp; caf&eacute;&nbsp;x', '*not* <br> &nbsp; café x'],
  ['costs $5 and $6, or $a_1 * b_2$', 'costs $5 and $6, or $a_1 * b_2$'],
  [
    'run foo <file> with List<String>, not <b>bold</b><br>text',
    'run foo <file> with List<String>, not bold text',
  ],
  ['10<sup>6</sup> m<sup>2</sup> of H<sub>2</sub>O', '10^6 m^2 of H2O'],
  ['<https://a.example/c_d_e> or <me@a.example>', 'https://a.example/c_d_e or me@a.example'],
  ['[text][ref], [a [b] c](<d e>), matrix[i][j] and [x]', 'text, a [b] c, matrix[i][j] and [x]'],
  ['[![build](a)](b) Name [¶](#name "Permalink")', 'Name'],
  ['[![build](a)](b)', 'build'],
  ['Press ![Save](save.png) now', 'Press Save now'],
  ['costs ~~99~~ 79 euros', 'costs 79 euros'],
  ['~~gone~~', 'gone'],
  ['one  \n> two\\\n  three <!-- not shown --> four', 'one two three four'],
  ['[^1] and [NOTE]', '[^1] and [NOTE]'],
])('%s', (markdown, shown) => {
  expect(plainText('markdown', markdown)).toBe(shown);
});

test('other text comes back letter by letter', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('none' as const, 'code' as const), (text, inline) => {
      expect(plainText(inline, `*${text}* \\- &amp;`)).toBe(`*${text}* \\- &amp;`);
    }),
  );
});

test('words without marks are shown as they are, whatever stands beside them', () => {
  const mark = fc.constantFrom(
    '*',
    '**',
    '_',
    '`',
    '[',
    '](x)',
    '![',
    '~~',
    '<b>',
    '</b>',
    '\\',
    '&',
    '$',
    '\n',
    ' ',
  );
  const word = fc.integer({ min: 0, max: 9999 }).map((n) => ` w${n} `);
  fc.assert(
    fc.property(fc.array(fc.oneof(mark, word), { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const shown = plainText('markdown', text);
      if (text.includes('~~') || text.includes('![')) return;
      expect(shown.match(/w\d+/g) ?? []).toEqual(text.match(/w\d+/g) ?? []);
    }),
    { numRuns: 1000 },
  );
});
