import { TextDocument } from '@xnai/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDocument } from '../check-document.ts';
import { madeUpMarkdown } from '../testing/made-up-markdown.ts';
import { readMarkdown } from './read-markdown.ts';

test('whatever is read has exact offsets and is stored as it came', () => {
  fc.assert(
    fc.property(madeUpMarkdown, (content) => {
      const document = readMarkdown(content);
      expect(document.text).toBe(content.replace(/^\uFEFF+/, '').replaceAll('\0', '\uFFFD'));
      expect(checkDocument(document)).toBeUndefined();
      expect(TextDocument.parse(document)).toEqual(document);
    }),
    { numRuns: 500 },
  );
});

/** Each block as `kind(fields) body`, those within another indented. */
function outline(content: string): string[] {
  const { text, blocks } = readMarkdown(content);
  return blocks.map((block) => {
    const { kind, start, end, bodyStart, bodyEnd, section, parent, page, ...fields } = block;
    const shown = Object.entries({ ...fields, list: undefined }).flatMap(([name, value]) =>
      value === undefined || name === 'cells' ? [] : [`${name}=${value}`],
    );
    return `${parent === -1 ? '' : '  '}${kind}(${shown.join(' ')}) ${text.slice(bodyStart, bodyEnd)}`;
  });
}

test.each([
  [
    'steps with code and a nested list',
    '1. Open it\n\n   ```sh {1}\n   make\n   ```\n1. Close it\n   - [x] slowly\n   - [ ] fast\n',
    [
      'item(depth=0 ordinal=1) Open it',
      '  code(language=sh) make',
      'item(depth=0 ordinal=2) Close it',
      '  item(depth=1 checked=true) slowly',
      '  item(depth=1 checked=false) fast',
    ],
  ],
  [
    'definitions, with one line or a blank one before',
    'MTU\n: 1492 bytes\n: or less\n\nSSID\n\n:   harbour-net\n\n    A second paragraph.\n\nRatio\n\nNo term: no definition.\n',
    [
      'definition(term=MTU) 1492 bytes',
      'definition(term=MTU) or less',
      'definition(term=SSID) harbour-net',
      '  paragraph() A second paragraph.',
      'paragraph() Ratio',
      'paragraph() No term: no definition.',
    ],
  ],
  [
    'notes of four kinds',
    '> [!NOTE]\n> Take care.\n\n!!! warning "Hot"\n    Do not touch.\n\n:::tip Title\nText\n:::\n\n```{seealso}\n:class: x\nThe guide\n```\nAfter.\n',
    [
      'note(label=note) Take care.',
      'note(label=warning) Hot',
      'note(label=warning) Do not touch.',
      'note(label=tip) Title',
      'note(label=tip) Text',
      'note(label=seealso) The guide',
      'paragraph() After.',
    ],
  ],
  [
    'footnotes and link definitions',
    'Text[^1].\n\n[^1]: The source\n    goes on\n[ref]: https://example.org "x"\n',
    ['paragraph() Text[^1].', 'note(label=1) The source\n    goes on\n[ref]: https://example.org "x"'],
  ],
  [
    'front matter in YAML',
    '---\ntitle: "Deployment guide"\ntags:\n  - ops\n# comment\nauthor: the team\n---\n\n# Deploying\n',
    [
      'metadata(key=title) Deployment guide',
      'metadata(key=tags) - ops',
      'metadata(key=author) the team',
      'heading(level=1) Deploying',
    ],
  ],
  [
    'front matter with quotation marks, folded lines and an empty key',
    "---\ntitle: 'It''s so'\ntext: >\n  over two\n  lines\nempty:\n---\n",
    ["metadata(key=title) It''s so", 'metadata(key=text) over two\n  lines'],
  ],
  [
    'what MDX and kramdown add, which is not shown',
    "import Tabs from '@theme/Tabs';\n\n<Tabs>\n\nText\n\n</Tabs>\n\n{: .class}\n\n> **Warning:**\n> Hot\n",
    ['paragraph() Text', 'note(label=warning) Hot'],
  ],
  [
    'front matter in TOML',
    '+++\ntitle = "Guide"\n+++\nText\n',
    ['metadata(key=title) Guide', 'paragraph() Text'],
  ],
  ['a break that is no front matter', '---\n\nText\n\n---\n', ['paragraph() Text']],
  [
    'a table with a line of white space that Markdown does not take for a blank one',
    '| a | b |\n| - | - |\n| 1 | 2 |\n\u00a0\n| 3 | 4 |\n',
    [
      'row(table=0 isHeader=true) a | b',
      'row(table=0 isHeader=false) 1 | 2',
      'row(table=0 isHeader=false) 3 | 4',
    ],
  ],
  [
    'a table without outer bars, and what follows it',
    'Intro:\n\na | b\n--|:-:\n1 \\| 2 | `x`\n3\n\nAfter\n',
    [
      'paragraph() Intro:',
      'row(table=0 isHeader=true) a | b',
      'row(table=0 isHeader=false) 1 \\| 2 | `x`',
      'row(table=0 isHeader=false) 3',
      'paragraph() After',
    ],
  ],
  [
    'formulas',
    '$$\nE = mc^2\n$$\n\n$$a$$ is inline\n\n\\begin{align}\nx\n\\end{align}\n\n```math\ny\n```\n',
    ['math() E = mc^2', 'paragraph() $$a$$ is inline', 'math() x', 'math() y'],
  ],
  [
    'HTML',
    '<h1 align="center"><img src="x" alt="Logo"> Tool</h1>\n\n<ol><li>One</li><li>Two</li></ol>\n<!-- no -->\n<dl><dt>MTU<dd>1492</dl>\n\n<a id="x"></a>\n\n<table><tr><th>K</th></tr><tr><td>v</td></tr></table>\n\n<pre><code class="language-js">a();</code></pre>\n',
    [
      'heading(level=1) <img src="x" alt="Logo"> Tool',
      'item(depth=0 ordinal=1) One',
      'item(depth=0 ordinal=2) Two',
      'definition(term=MTU) 1492',
      'row(table=0 isHeader=true) K</th>',
      'row(table=0 isHeader=false) v</td>',
      'code(language=js) a();',
    ],
  ],
  [
    'headings within quotes and items, which divide nothing',
    '> # Quoted\n\n- ## Step\n',
    ['quote() Quoted', 'item(depth=0) Step'],
  ],
])('%s', (_, content, expected) => {
  expect(outline(content)).toEqual(expected);
});

test('headings stand under each other, name the document, and are anchors', () => {
  const content = '# The *Guide* {#top}\n\n<a id=opt></a>\n\n## Install\n\nSetext\n---\n\n## Install ##\n';
  const { title, anchors, blocks, text } = readMarkdown(content);
  expect(title).toBe('The Guide');
  expect(blocks.map(({ section }) => section)).toEqual([-1, 0, 0, 0]);
  expect(blocks.map(({ bodyStart, bodyEnd }) => text.slice(bodyStart, bodyEnd))).toEqual([
    'The *Guide*',
    'Install',
    'Setext',
    'Install',
  ]);
  expect(anchors).toMatchObject({
    top: 0,
    'the-guide': 0,
    opt: 22,
    install: 38,
    'install-1': content.lastIndexOf('## Install'),
  });
});

test('what is not shown is counted', () => {
  expect(readMarkdown('Text\n\n<!-- comment -->\n').losses).toEqual([{ rule: 'comment', chars: 16 }]);
  expect(readMarkdown('Text\n').losses).toEqual([]);
});
