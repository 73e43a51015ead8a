import type { TextDocument } from '@xnai/contracts';
import { DocumentWriter } from '@xnai/text/writer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packBlocks, unpackBlocks } from './pack-blocks.ts';
import { joinBlocks, shareBlocks } from './share-blocks.ts';

const words = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', '|', '\n', '*'), maxLength: 40 });
const chance = fc.boolean();

/** One block of any kind, as the readers write them. */
const step = fc.record({
  kind: fc.nat(10),
  words,
  other: words,
  number: fc.nat(400),
  flag: chance,
  nested: chance,
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function written(steps: readonly Step[]): TextDocument {
  const writer = new DocumentWriter({ inline: 'markdown' });
  const open = { list: writer.openList(), table: writer.table(['Name', 'Port']), holder: -1 };
  for (const given of steps) {
    writer.parent = given.nested ? open.holder : -1;
    if (given.flag) writer.page = (writer.page ?? 0) + 1;
    WRITE[given.kind]?.(writer, given, open);
  }
  return writer.end();
}

type Write = (
  writer: DocumentWriter,
  given: Step,
  open: { list: number; table: number; holder: number },
) => void;

const WRITE: readonly Write[] = [
  (writer, { words, number }) => writer.heading((number % 6) + 1, words),
  (writer, { words }) => writer.paragraph(words),
  (writer, { words }) => writer.quote(words),
  (writer, { words }) => writer.math(words),
  (writer, { words }) => writer.caption(words),
  (writer, { words, other, flag }) => writer.note(words, flag ? other : undefined),
  (writer, { words, other, flag }) => writer.code(words, flag ? other : undefined),
  (writer, { words, other }) => writer.metadata(other, words),
  (writer, { words, other }, open) => {
    open.holder = writer.definition(other, words);
  },
  (writer, { words, number, flag, nested }, open) => {
    if (flag) open.list = writer.openList();
    const ordinal = nested ? number : undefined;
    const checked = flag ? nested : undefined;
    open.holder = writer.item(words, { list: open.list, depth: number % 5, ordinal, checked });
  },
  (writer, { words, other, flag }, open) => {
    if (flag) open.table = writer.table([other, words]);
    writer.row(open.table, [words, other, words], { isHeader: flag });
  },
];

const document = fc.array(step, { maxLength: 40 }).map(written);

/** Cuts anywhere, also within blocks, with gaps between as headings leave them. */
function cutInto({ text }: TextDocument, cuts: readonly number[]) {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return places.flatMap((start, at) => {
    const end = places[at + 1] ?? text.length;
    return end > start ? [{ start: at % 3 === 2 ? start + 1 : start, end }] : [];
  });
}

describe('the blocks of a document', () => {
  test('are the same after they were shared out to chunks, packed, unpacked and joined', () => {
    fc.assert(
      fc.property(document, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), (given, cuts) => {
        const chunks = cutInto(given, [0, ...cuts]);
        const parts = shareBlocks(given, chunks).map((part, at) => {
          const { start, end } = chunks[at] ?? { start: 0, end: 0 };
          const text = given.text.slice(start, end);
          return { start, ...unpackBlocks(packBlocks(part, text), text) };
        });
        const { blocks, tables } = joinBlocks(parts);
        expect(blocks).toEqual(chunks.length === 0 ? [] : given.blocks);
        for (const [at, { columns }] of tables.entries()) {
          const isUsed = given.blocks.some((block) => block.kind === 'row' && block.table === at);
          if (isUsed) expect(columns).toEqual(given.tables[at]?.columns);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('that go on in the next chunk are known there, too', () => {
    const writer = new DocumentWriter({ inline: 'markdown' });
    writer.code('one\ntwo\nthree', 'sh');
    const given = writer.end();
    const [, second] = shareBlocks(given, [
      { start: 0, end: 9 },
      { start: 10, end: given.text.length },
    ]);
    expect(second).toMatchObject({ first: 0, blocks: [{ kind: 'code', language: 'sh', start: -10 }] });
  });

  test('take at most twelve bytes each, as manuals have them', () => {
    const writer = new DocumentWriter({ inline: 'markdown' });
    for (let n = 0; n < 20; n++) {
      writer.heading(2, `Part ${n}`);
      writer.paragraph('A sentence of this part. '.repeat(8));
      const list = writer.openList();
      for (let item = 0; item < 4; item++)
        writer.item('what an item says', { list, depth: 0, ordinal: item });
      writer.definition('--option', 'what the option does, in so many words');
      writer.code('run it\nagain', 'sh');
      const table = writer.table(['Name', 'Port', 'Use']);
      for (let row = 0; row < 6; row++) writer.row(table, ['ssh', '22', 'log in'], { isHeader: row === 0 });
    }
    const given = writer.end();
    const [part] = shareBlocks(given, [{ start: 0, end: given.text.length }]);
    const bytes = part === undefined ? 0 : packBlocks(part, given.text).length;
    expect(bytes / given.blocks.length).toBeLessThan(12);
    expect(bytes / given.blocks.length).toBeGreaterThan(3);
  });
});
