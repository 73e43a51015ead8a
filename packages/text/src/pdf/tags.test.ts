import { describe, expect, test } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { type PdfPage, type PdfTag, type PdfText, pdfOf } from '../testing/pdf-of.ts';
import { readPdf } from './read-pdf.ts';

/** Texts that stand below each other, all in the same letters: only tags tell one from the other. */
function page(texts: readonly (string | PdfText)[], tags: readonly PdfTag[]): PdfPage {
  const placed = texts.map((text, index) =>
    typeof text === 'string' ? { text, x: 50, y: 60 + 12 * index } : text,
  );
  return { texts: placed, tags };
}

const tag = (role: string, ...children: (PdfTag | number)[]): PdfTag => ({ role, children });
const read = async (...pages: PdfPage[]) => readPdf(pdfOf(pages));

describe('a PDF with tags is read by them', () => {
  test('headings, paragraphs and quotations, in the order of the tags', async () => {
    const texts = [
      'Setting up',
      'The first line of a para-',
      'graph is here.',
      'Words of another',
      'Chapter one',
    ];
    const tags = [
      tag(
        'Document',
        tag('H1', 4),
        tag('Sect', tag('H2', 0), tag('P', 1, tag('Span', 2)), tag('BlockQuote', 3)),
      ),
    ];
    const document = await read(page(texts, tags));
    expect(blocksOf(document)).toEqual([
      'heading: Chapter one',
      'heading: Setting up',
      'paragraph: The first line of a paragraph is here.',
      'quote: Words of another',
    ]);
    expect(document.blocks.map((block) => block.kind === 'heading' && block.level)).toEqual([
      1,
      2,
      false,
      false,
    ]);
    expect(document.title).toBe('Chapter one');
  });

  test('lists with their numbers, and what is nested in an item', async () => {
    const texts = ['1.', 'Open it', 'Slowly', '2.', 'Close it', 'It clicks.'];
    const inner = tag('L', tag('LI', tag('LBody', 2)));
    const tags = [
      tag(
        'L',
        tag('LI', tag('Lbl', 0), tag('LBody', 1, inner)),
        tag('LI', tag('Lbl', 3), tag('LBody', tag('P', 4), tag('P', 5))),
      ),
    ];
    const document = await read(
      page(
        texts.map((text, index) => ({
          text,
          x: /\d/.test(text) ? 50 : 70,
          y: 60 + 12 * ([0, 0, 1, 2, 2, 3][index] ?? 0),
        })),
        tags,
      ),
    );
    expect(blocksOf(document)).toEqual([
      'item: Open it',
      'item: Slowly',
      'item: Close it',
      'paragraph: It clicks.',
    ]);
    expect(
      document.blocks.map((block) => [block.parent, block.kind === 'item' ? block.ordinal : 'text']),
    ).toEqual([
      [-1, 1],
      [0, undefined],
      [-1, 2],
      [2, 'text'],
    ]);
  });

  test('tables without lines, with their header, and one that goes on over the page', async () => {
    const row = (role: string, ...cells: number[]) => tag('TR', ...cells.map((cell) => tag(role, cell)));
    const first = page(
      ['Name', 'Value', 'pump', '1'],
      [tag('Table', tag('THead', row('TH', 0, 1)), tag('TBody', row('TD', 2, 3)))],
    );
    const second = page(['Name', 'Value', 'valve', '2'], [tag('Table', row('TH', 0, 1), row('TD', 2, 3))]);
    const document = await read(first, second);
    expect(blocksOf(document)).toEqual(['row: Name | Value', 'row: pump | 1', 'row: valve | 2']);
    expect(document.tables).toEqual([{ columns: ['Name', 'Value'] }]);
  });

  test('code within a paragraph and on its own, the words for a picture, and no decoration', async () => {
    const texts: PdfText[] = [
      { text: 'Run', x: 50, y: 60 },
      { text: 'make all', x: 70, y: 60, font: 'code' },
      { text: 'here.', x: 121, y: 60 },
      { text: 'if x:', x: 50, y: 90, font: 'code' },
      { text: 'y()', x: 74, y: 102, font: 'code' },
      { text: 'Draft of today', x: 50, y: 20 },
      { text: 'inlet', x: 300, y: 200 },
    ];
    const figure = { role: 'Figure', alt: 'A pump, cut open', children: [6] };
    const document = await read(page(texts, [tag('P', 0, tag('Code', 1), 2), tag('Code', 3, 4), figure]));
    expect(blocksOf(document)).toEqual([
      'paragraph: Run `make all` here.',
      'code: if x:\n    y()',
      'caption: A pump, cut open',
      'paragraph: inlet',
    ]);
    expect(document.losses).toEqual([{ rule: 'page-head', chars: 14 }]);
  });

  test('tags that miss much of the text are not trusted', async () => {
    const broken = pdfOf([page(['The tags know this', 'and not this line.'], [tag('H1', 0, 1)])]);
    const bytes = new Uint8Array(
      Buffer.from(Buffer.from(broken).toString('latin1').replace('/K [0 1]', '/K [0]  '), 'latin1'),
    );
    expect(blocksOf(await readPdf(bytes))).toEqual(['paragraph: The tags know this and not this line.']);
  });
});
