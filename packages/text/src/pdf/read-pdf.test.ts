import { describe, expect, test } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { type PdfPage, type PdfText, pdfOf, stream } from '../testing/pdf-of.ts';
import { readPdf } from './read-pdf.ts';

/** Lines of a paragraph, 12 points apart. */
function lines(text: readonly string[], x: number, y: number, more: Partial<PdfText> = {}): PdfText[] {
  return text.map((line, index) => ({ text: line, x, y: y + 12 * index, ...more }));
}

async function read(pages: readonly PdfPage[], options?: Parameters<typeof pdfOf>[1]): Promise<string[]> {
  return blocksOf(await readPdf(pdfOf(pages, options)));
}

const LEFT = [
  'The left column begins here and is read to',
  'its end before anything of the right column,',
  'however the letters were drawn into the file',
  'by the program that made it for its author.',
];
const RIGHT = [
  'What stands on the right comes afterwards.',
  'It is as long as the left column is, and its',
  'lines stand beside the lines of the other, so',
  'that reading over the gap would mix the two.',
];

describe('a page is read by where its letters stand', () => {
  test('columns one after the other, drawn in either order, below a title over both', async () => {
    const title = {
      text: 'A title over both of the columns',
      x: 150,
      y: 60,
      size: 18,
      font: 'bold',
    } as const;
    const [left, right] = [lines(LEFT, 50, 100), lines(RIGHT, 320, 100)];
    const expected = [
      `heading: ${title.text}`,
      `paragraph: ${LEFT.join(' ')}`,
      `paragraph: ${RIGHT.join(' ')}`,
    ];
    expect(await read([{ texts: [title, ...left, ...right] }])).toEqual(expected);
    expect(await read([{ texts: [...right, ...left, title] }])).toEqual(expected);
    const rowByRow = left.flatMap((line, index) => [line, right[index] as PdfText]);
    expect(await read([{ texts: [title, ...rowByRow] }])).toEqual(expected);
  });

  test('raised and lowered digits keep their value, ordinals their letters', async () => {
    const texts = [
      { text: 'About 10', x: 50, y: 100 },
      { text: '6', x: 90, y: 96, size: 7 },
      { text: 'litres of H', x: 97, y: 100 },
      { text: '2', x: 139.3, y: 102, size: 7 },
      { text: 'O on the 1', x: 143.2, y: 100 },
      { text: 'st', x: 190, y: 96.5, size: 7 },
      { text: 'day.', x: 198.4, y: 100 },
    ];
    expect(await read([{ texts }])).toEqual(['paragraph: About 10^6 litres of H2O on the 1st day.']);
  });

  test('divided words are whole again, and compounds keep their hyphen', async () => {
    const text = ['A word that is divi-', 'ded, and a well-', 'known one: well-known.'];
    expect(await read([{ texts: lines(text, 50, 100) }])).toEqual([
      'paragraph: A word that is divided, and a well-known one: well-known.',
    ]);
  });

  test('code keeps its lines, blank lines and indentation', async () => {
    const code = lines(['def f(x):', 'return x', 'f(1)'], 50, 140, { font: 'code' });
    const indented = [code[0], { ...code[1], x: 74 }, { ...code[2], y: 176 }] as PdfText[];
    const document = await readPdf(pdfOf([{ texts: [...lines(LEFT, 50, 60), ...indented] }]));
    expect(blocksOf(document)[1]).toBe('code: def f(x):\n    return x\n\nf(1)');
  });

  test('lists know their numbers and what is nested in them', async () => {
    const texts = [
      { text: 'What to do:', x: 50, y: 80 },
      { text: '1. Open the valve.', x: 60, y: 100 },
      { text: '\x95 Slowly, if the pipe', x: 80, y: 112 },
      { text: 'is cold.', x: 88, y: 124 },
      { text: '2. Close it.', x: 60, y: 136 },
    ];
    const document = await readPdf(pdfOf([{ texts }]));
    const items = document.blocks.filter((block) => block.kind === 'item');
    expect(blocksOf(document).slice(1)).toEqual([
      'item: Open the valve.',
      'item: Slowly, if the pipe is cold.',
      'item: Close it.',
    ]);
    expect(items.map(({ ordinal, depth, parent }) => [ordinal, depth, parent])).toEqual([
      [1, 0, -1],
      [undefined, 1, 1],
      [2, 0, -1],
    ]);
  });

  test('a number at the beginning of a line does not make an item of it', async () => {
    const text = [
      'The result of the measurement is shown in figure',
      '3. It differs from the one that was expected and',
      '- as said above - nobody knows the reason for it.',
    ];
    expect(await read([{ texts: lines(text, 50, 100) }])).toEqual([`paragraph: ${text.join(' ')}`]);
  });

  test('tables with lines, cells of several lines and a header', async () => {
    const rulings = [80, 100, 130, 150].map((y) => [50, y, 350, y] as const);
    const upright = [50, 200, 350].map((x) => [x, 80, x, 150] as const);
    const texts = [
      { text: 'Part', x: 55, y: 94, font: 'bold' as const },
      { text: 'Use', x: 205, y: 94, font: 'bold' as const },
      { text: 'Valve', x: 55, y: 114 },
      { text: 'It stops the', x: 205, y: 114 },
      { text: 'water.', x: 205, y: 125 },
      { text: 'Pump', x: 55, y: 144 },
    ];
    const document = await readPdf(pdfOf([{ texts, rulings: [...rulings, ...upright] }]));
    expect(blocksOf(document)).toEqual([
      'row: Part | Use',
      'row: Valve | It stops the water.',
      'row: Pump | ',
    ]);
    expect(document.tables).toEqual([{ columns: ['Part', 'Use'] }]);
  });

  test('tables by alignment, but no prose in columns that were drawn row by row', async () => {
    const cells = [
      ['Size', 'Price'],
      ['small', '10'],
      ['large', '25'],
      ['huge', '80'],
    ];
    const texts = cells.flatMap(([a = '', b = ''], row) => [
      { text: a, x: 50, y: 100 + 14 * row },
      { text: b, x: 150, y: 100 + 14 * row },
    ]);
    const document = await readPdf(pdfOf([{ texts }]));
    expect(blocksOf(document)).toEqual([
      'row: Size | Price',
      'row: small | 10',
      'row: large | 25',
      'row: huge | 80',
    ]);
    expect(document.tables).toEqual([{ columns: ['Size', 'Price'] }]);
  });

  test('the numbers of lines of code are left out and counted, and no table is made of them', async () => {
    const code = ['if x:', '', 'y()', 'z()'].flatMap((text, row): PdfText[] => [
      { text: `${row + 7}`, x: 50, y: 140 + 12 * row, size: 7 },
      ...(text === '' ? [] : [{ text, x: row === 2 ? 94 : 70, y: 140 + 12 * row, font: 'code' as const }]),
    ]);
    const document = await readPdf(pdfOf([{ texts: [...lines(LEFT, 50, 60), ...code] }]));
    expect(blocksOf(document)[1]).toBe('code: if x:\n\n    y()\nz()');
    expect(document.losses).toEqual([{ rule: 'line-numbers', chars: 5 }]);
  });

  test('entries of a table of contents are items without their dots, and no table without dots', async () => {
    const entries = ['Import', 'Export', 'Repair'].flatMap((text, row) => [
      { text: `${row + 1} ${text}${row === 1 ? '' : ' . . . . . . . . . .'}`, x: 50, y: 100 + 14 * row },
      { text: `${7 * row + 3}`, x: 300, y: 100 + 14 * row },
    ]);
    const plain = entries.map((entry) => ({ ...entry, text: entry.text.replaceAll(' .', '') }));
    expect((await read([{ texts: plain }])).some((block) => block.startsWith('row'))).toBe(false);
    const dotted = entries.map((entry) => ({
      ...entry,
      text: entry.text.replace(/t$/, 't . . . . . . . .'),
    }));
    expect(await read([{ texts: dotted }])).toEqual([
      'item: 1 Import 3',
      'item: 2 Export 10',
      'item: 3 Repair 17',
    ]);
  });

  test('a bold "Note" on its own line is the label of what follows, not a heading', async () => {
    const texts = [
      ...lines(LEFT, 50, 60),
      { text: 'Note', x: 50, y: 130, font: 'bold' as const },
      ...lines(RIGHT, 50, 146),
    ];
    const document = await readPdf(pdfOf([{ texts }]));
    expect(document.blocks.map((block) => (block.kind === 'note' ? block.label : block.kind))).toEqual([
      'paragraph',
      'Note',
    ]);
  });

  test('text from right to left: its columns, its lines and its words', async () => {
    const map = stream(
      '',
      'begincmap 1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <41> <5a> <05d0> endbfrange endcmap',
    );
    const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 13 0 R >>';
    const file = (texts: readonly PdfText[]) => {
      const bytes = Buffer.from(pdfOf([{ texts }], { objects: [font, map] })).toString('latin1');
      return new Uint8Array(Buffer.from(bytes.replace('/plain 3 0 R', '/plain 12 0 R'), 'latin1'));
    };
    // Letters are drawn from left to right, so that each line stands in the file from its end.
    const column = (x: number, word: string) =>
      lines(
        [
          'DCBA HGFE DCBA HGFE DCBA HGFE',
          'DCBA HGFE DCBA HGFE DCBA HGFE',
          `DCBA HGFE DCBA HGFE DCBA ${word}`,
        ],
        x,
        100,
      );
    const full = 'הוזח אבגד הוזח אבגד הוזח אבגד';
    const read = (word: string) => `${full} ${full} ${word} אבגד הוזח אבגד הוזח אבגד`;
    expect(blocksOf(await readPdf(file([...column(50, 'XXXX'), ...column(350, 'YYYY')])))).toEqual([
      `paragraph: ${read('רררר')} ${read('קקקק')}`,
    ]);
  });

  test('pages that are turned, and letters that are turned on a page', async () => {
    const turned = 'BT /plain 10 Tf 0 1 -1 0 300 100 Tm (Along the edge of it.) Tj ET';
    expect(await read([{ texts: lines(LEFT, 50, 100), content: turned }])).toEqual([
      `paragraph: ${LEFT.join(' ')}`,
      'paragraph: Along the edge of it.',
    ]);
    const content = LEFT.map(
      (line, row) => `BT /plain 10 Tf 0 1 -1 0 ${100 + 12 * row} 100 Tm (${line}) Tj ET`,
    ).join('\n');
    expect(await read([{ content, rotate: 90 }])).toEqual([`paragraph: ${LEFT.join(' ')}`]);
    expect(await read([{ content }])).toEqual([`paragraph: ${LEFT.join(' ')}`]);
  });
});

describe('pages are one text', () => {
  const page = (number: number, text: readonly string[]): PdfPage => ({
    texts: [
      { text: `Manual of the pump    ${number}`, x: 50, y: 30 },
      ...lines(text, 50, 100),
      { text: `- ${number} -`, x: 290, y: 780 },
    ],
  });

  test('heads, feet and numbers of pages are left out and counted, and a paragraph goes on over the page', async () => {
    const body = (word: string) => [
      `The ${word} page has a line that is long enough`,
      'to end where the column ends, and has no end',
    ];
    const document = await readPdf(
      pdfOf([page(1, body('first')), page(2, ['of the sentence before here.']), page(3, body('last'))]),
    );
    expect(blocksOf(document)).toEqual([
      `paragraph: ${body('first').join(' ')} of the sentence before here.`,
      `paragraph: ${body('last').join(' ')}`,
    ]);
    expect(document.blocks.map((block) => block.page)).toEqual([1, 3]);
    expect(document.losses).toEqual([{ rule: 'page-head', chars: expect.any(Number) }]);
    expect(document.losses[0]?.chars).toBeGreaterThan(60);
  });

  test('headings have the level that the outline or their size gives', async () => {
    const body = [
      'Words of the body, which are the most in this file',
      'and thereby say how large the usual letters are.',
    ];
    const pages = [
      {
        texts: [
          { text: '1 Setting up', x: 50, y: 60, size: 16 },
          ...lines(body, 50, 90),
          { text: 'Before you begin', x: 50, y: 140, size: 13 },
          ...lines(body, 50, 170),
        ],
      },
      {
        texts: [
          { text: 'Repair', x: 50, y: 60, size: 16 },
          ...lines(body, 50, 90),
          { text: 'In short', x: 50, y: 140, font: 'bold' as const },
          ...lines(body, 50, 160),
        ],
      },
    ];
    const levels = async (options?: Parameters<typeof pdfOf>[1]) => {
      const document = await readPdf(pdfOf(pages, options));
      return document.blocks.flatMap((block) =>
        block.kind === 'heading' ? [`${block.level} ${document.text.slice(block.bodyStart, block.end)}`] : [],
      );
    };
    expect(await levels()).toEqual(['1 1 Setting up', '2 Before you begin', '1 Repair', '3 In short']);
    expect(await levels({ outline: [{ title: 'Before you begin', page: 1 }] })).toContain(
      '1 Before you begin',
    );
  });

  test('the title is that of the file, unless it is the name of a program or file', async () => {
    const pages = [{ texts: lines(LEFT, 50, 100) }];
    expect((await readPdf(pdfOf(pages, { title: 'The pump' }))).title).toBe('The pump');
    expect((await readPdf(pdfOf(pages, { title: 'Microsoft Word - a.doc' }))).title).toBeUndefined();
  });
});

test('text in a font that the file names and does not hold is counted, and refused where it is most of the text', async () => {
  const objects = [
    '<< /Type /Font /Subtype /Type0 /BaseFont /KozMinPro-Regular /Encoding /UniJIS-UTF16-H /DescendantFonts [13 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /KozMinPro-Regular /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 4 >> >>',
  ];
  const withFont = (pages: readonly PdfPage[]) => {
    const file = Buffer.from(pdfOf(pages, { objects })).toString('latin1');
    return new Uint8Array(Buffer.from(file.replace('/plain 3 0 R', '/asia 12 0 R /plain 3 0 R'), 'latin1'));
  };
  const content = 'BT /asia 12 Tf 50 100 Td <65E5672C8A9E> Tj ET';
  const document = await readPdf(withFont([{ texts: lines(LEFT, 50, 100), content }]));
  expect(blocksOf(document)).toEqual([`paragraph: ${LEFT.join(' ')}`]);
  expect(document.losses).toEqual([{ rule: 'font', chars: 1 }]);
  await expect(readPdf(withFont([{ content }]))).rejects.toMatchObject({
    code: 'DOCUMENT_NOT_READABLE',
    message: /fonts/,
  });
});

describe('a PDF that cannot be read is refused by name', () => {
  const texts = lines(LEFT, 50, 100);
  const hash = `<${'41'.repeat(32)}>`;
  const encrypt = `/Encrypt << /Filter /Standard /V 1 /R 2 /O ${hash} /U ${hash} /P -4 >> /ID [<41> <41>]`;
  const cyclic = pdfOf([{ texts }]);
  const cycle = Buffer.from(cyclic).toString('latin1').replace('/Kids [10 0 R]', '/Kids [ 2 0 R]');
  test.each([
    ['DOCUMENT_ENCRYPTED', 'with a password', pdfOf([{ texts }], { trailer: encrypt })],
    [
      'DOCUMENT_SCANNED',
      'of images',
      pdfOf([{ hasImage: true }, { hasImage: true, texts: [{ text: 'p. 2', x: 50, y: 50 }] }]),
    ],
    ['DOCUMENT_DAMAGED', 'cut off', pdfOf([{ texts }]).slice(0, -200)],
    ['DOCUMENT_DAMAGED', 'with a page tree that holds itself', new Uint8Array(Buffer.from(cycle, 'latin1'))],
    ['DOCUMENT_DAMAGED', 'that is something else', new TextEncoder().encode('Not a PDF. %%EOF')],
    ['DOCUMENT_NOT_READABLE', 'without any text', pdfOf([{}])],
  ])('%s: %s', async (code, _, bytes) => {
    await expect(readPdf(bytes)).rejects.toMatchObject({ name: 'ReadError', code });
  });
});
