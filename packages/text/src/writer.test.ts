import { TextDocument } from '@xnai/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDocument } from './check-document.ts';
import { cellsOf } from './stored-form.ts';
import { DocumentWriter } from './writer.ts';

const bodiesOf = ({ text, blocks }: TextDocument) =>
  blocks.map(({ kind, bodyStart, bodyEnd }) => [kind, text.slice(bodyStart, bodyEnd)]);

test('text and blocks are written together', () => {
  const writer = new DocumentWriter({ inline: 'code' });
  writer.metadata('author', 'A. Smith');
  writer.anchor('pumps');
  writer.heading(2, 'Pumps');
  writer.paragraph('A pump\nneeds oil.');
  const list = writer.openList();
  writer.parent = writer.item('Open it', { list, depth: 0, ordinal: 4 });
  writer.code('  make\n  ```\n', 'sh');
  const inner = writer.openList();
  writer.item('slowly', { list: inner, depth: 1, checked: true });
  writer.parent = -1;
  writer.item('Close it', { list, depth: 0, ordinal: 5 });
  writer.definition('MTU', '1492 bytes');
  writer.note('Hot.', 'Warning');
  const table = writer.table(['Flag', 'Effect']);
  writer.row(table, ['Flag', 'Effect'], { isHeader: true });
  writer.row(table, ['a|b', 'first\nsecond'], { isHeader: false });
  writer.lose('hidden', 12);
  const document = writer.end({ title: 'Pumps', language: 'en' });
  expect(document.text).toBe(
    [
      'author: A. Smith\n\n## Pumps\n\nA pump\nneeds oil.\n\n4. Open it\n\n````sh\n  make\n  ```\n````\n',
      '   - [x] slowly\n5. Close it\n\n**MTU**: 1492 bytes\n\n**Warning**: Hot.\n',
      '| Flag | Effect |\n| --- | --- |\n| a\\|b | first second |',
    ].join('\n'),
  );
  expect(bodiesOf(document)).toEqual([
    ['metadata', 'A. Smith'],
    ['heading', 'Pumps'],
    ['paragraph', 'A pump\nneeds oil.'],
    ['item', 'Open it'],
    ['code', '  make\n  ```'],
    ['item', 'slowly'],
    ['item', 'Close it'],
    ['definition', '1492 bytes'],
    ['note', 'Hot.'],
    ['row', 'Flag | Effect'],
    ['row', 'a\\|b | first second'],
  ]);
  expect(document.blocks.map(({ parent }) => parent)).toEqual([-1, -1, -1, -1, 3, 3, -1, -1, -1, -1, -1]);
  expect(document.anchors).toEqual({ pumps: document.blocks[1]?.start });
  expect(document.losses).toEqual([{ rule: 'hidden', chars: 12 }]);
  expect(checkDocument(document)).toBeUndefined();
});

test('the section of a heading is the heading of a higher level above it', () => {
  const writer = new DocumentWriter({ inline: 'none' });
  for (const level of [1, 2, 3, 2, 1]) writer.heading(level, `Level ${level}`);
  writer.paragraph('End.');
  expect(writer.end().blocks.map(({ section }) => section)).toEqual([-1, 0, 1, 0, -1, 4]);
});

test('a text for a Markdown renderer indents what lies within an item', () => {
  const writer = new DocumentWriter({ inline: 'markdown', rendered: true });
  writer.parent = writer.item('Build', { list: writer.openList(), depth: 0, ordinal: 10 });
  writer.code('make\nmake install');
  writer.parent = -1;
  writer.row(writer.table([]), ['1', '2'], { isHeader: false });
  const document = writer.end();
  expect(document.text).toBe(
    '10. Build\n\n    ```\n    make\n    make install\n    ```\n\n| 1 | 2 |\n| --- | --- |',
  );
  expect(checkDocument(document)).toBeUndefined();
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[ab|`#\n\\\-> \0]{0,30}$/),
  fc.constant('\ud800 x \udc00'),
);
const anyLevel = fc.integer({ min: -1, max: 9 });
type Step = (writer: DocumentWriter) => void;
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(anyLevel, anyText).map(
    ([level, text]): Step =>
      (writer) =>
        writer.heading(level, text),
  ),
  fc
    .tuple(
      fc.constantFrom('paragraph', 'quote', 'math', 'caption', 'code', 'note', 'anchor' as const),
      anyText,
    )
    .map(
      ([kind, text]): Step =>
        (writer) =>
          void writer[kind as 'paragraph'](text),
    ),
  fc.tuple(anyText, anyText).map(
    ([key, value]): Step =>
      (writer) =>
        void writer.metadata(key, value),
  ),
  fc.tuple(anyText, anyText).map(
    ([term, text]): Step =>
      (writer) => {
        writer.parent = -1;
        const index = writer.definition(term, text);
        if (term.trim() !== '' && text.length % 2 === 0) writer.parent = index;
      },
  ),
  fc.tuple(anyText, fc.option(fc.integer(), { nil: undefined }), fc.boolean()).map(
    ([text, ordinal, checked]): Step =>
      (writer) => {
        writer.parent = writer.item(text, { list: writer.openList(), depth: 0, ordinal, checked });
      },
  ),
  fc.array(fc.array(anyText, { minLength: 1, maxLength: 4 }), { maxLength: 4 }).map(
    (rows): Step =>
      (writer) => {
        const table = writer.table(rows[0] ?? []);
        rows.forEach((cells, index) => void writer.row(table, cells, { isHeader: index === 0 }));
      },
  ),
);

test('whatever is written, offsets are in order and nothing but white space and rules lies between blocks', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 20 }), fc.boolean(), (steps, rendered) => {
      const writer = new DocumentWriter({ inline: 'code', rendered });
      for (const step of steps) step(writer);
      const document = writer.end({ title: '\udc00' });
      expect(checkDocument(document)).toBeUndefined();
      expect(TextDocument.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
    }),
    { numRuns: 300 },
  );
});

test('cells are read from a row as they were given, but for white space', () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (cells) => {
      const writer = new DocumentWriter({ inline: 'code' });
      writer.row(writer.table([]), ['x', ...cells], { isHeader: false });
      const { text, blocks } = writer.end();
      const row = blocks[0];
      if (row?.kind !== 'row') throw new Error('no row');
      const expected = cells.map((cell) =>
        cell.toWellFormed().replaceAll('\0', '\uFFFD').replace(/\s+/g, ' ').trim(),
      );
      expect(cellsOf(text, row)).toEqual(['x', ...expected]);
    }),
  );
});

test.each([
  ['ends behind the text', { end: 99 }],
  ['begins before the block above', { start: 3, bodyStart: 3 }],
  ['is empty', { end: 9, bodyEnd: 9 }],
  ['has its body outside', { bodyEnd: 16 }],
  ['leaves text to no block', { start: 10, bodyStart: 10 }],
  ['names a section that is no heading', { section: 1 }],
  ['names a parent that is no item', { parent: 0 }],
  ['splits a pair', { end: 14, bodyEnd: 14 }],
])('a delivered block that %s is a fault', (_, change) => {
  const writer = new DocumentWriter({ inline: 'none' });
  writer.heading(1, 'Title');
  writer.paragraph('8901😀');
  const { blocks, ...document } = writer.end();
  const [heading, paragraph] = blocks;
  if (heading === undefined || paragraph === undefined) throw new Error('no blocks');
  expect(checkDocument({ ...document, blocks })).toBeUndefined();
  expect(
    checkDocument({ ...document, blocks: [heading, { ...paragraph, ...change } as typeof paragraph] }),
  ).toMatch(/^Block 1 \(paragraph\): /);
});

test('a rule that is spelled out must be known, and losses of one rule add up', () => {
  const writer = new DocumentWriter({ inline: 'none' });
  writer.lose('line-numbers', 2);
  writer.lose('line-numbers', 3);
  // @ts-expect-error there is no rule of this name
  writer.lose('line-number', 1);
  expect(writer.end().losses).toEqual([
    { rule: 'line-numbers', chars: 5 },
    { rule: 'line-number', chars: 1 },
  ]);
});
