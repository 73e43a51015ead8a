import { expect, test } from 'vitest';
import { linksOfMarkdown } from './links.ts';
import { readMarkdown } from './read-markdown.ts';

const links = (text: string) => linksOfMarkdown(readMarkdown(text), 'https://x.example/docs/page.md');
const at = (...paths: string[]) => paths.map((path) => `https://x.example/docs/${path}`);

test.each([
  ['[next](next.md#top "Next") and [again](next.md)', at('next.md')],
  [
    '[spaces](<a b.md>) [round](list_(new).md) [escaped](a\\_b.md?x=1&amp;y=2)',
    at('a%20b.md', 'list_(new).md', 'a_b.md?x=1&y=2'),
  ],
  ['See [the pump][p].\n\n[p]: pump.md\n  "Pump"\n[q]:\n <seal ring.md>\n', at('pump.md', 'seal%20ring.md')],
  [
    '<https://y.example/a> or https://y.example/b. (https://y.example/c)',
    ['https://y.example/a', 'https://y.example/b', 'https://y.example/c'],
  ],
  ['<p align=center><A class="x" HREF=\'raw.md\'>raw</a></p>', at('raw.md')],
  ['[![build](badge.svg)](build.md) ![picture](picture.png)', at('build.md')],
  ['1. one\n   - [deep](deep.md)\n\n| a | b |\n|---|---|\n| [cell](cell.md) | x |', at('deep.md', 'cell.md')],
  ['```md\n[code](code.md)\n```\n\n    [indented](i.md)\n\nand `[span](span.md)`', []],
  ['[mail](mailto:a@b) [top](#top) [self](page.md) [^1]: note', []],
])('%j', (text, wanted) => {
  expect(links(text).toSorted()).toEqual([...wanted].toSorted());
});

test.each(['[', '](', '<a ', '`', '![', 'https://', '[x]: '])(
  '%j a hundred thousand times ends soon',
  (piece) => {
    const text = piece.repeat(100_000);
    const document = { ...readMarkdown(''), text };
    expect(linksOfMarkdown(document, 'https://x.example/').length).toBeLessThan(2);
  },
);
