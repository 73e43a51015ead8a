import { describe, expect, it } from 'vitest';
import { openZip } from '../../container/open-zip.ts';
import { blocksOf } from '../../testing/blocks-of.ts';
import { zipOf } from '../../testing/zip-of.ts';
import { readXlsx } from './read-xlsx.ts';

const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const relation = (id: string, type: string, target: string) =>
  `<Relationship Id="${id}" Type="${RELATION}/${type}" Target="${target}"/>`;

interface TestSheet {
  readonly name: string;
  readonly rows: string;
  readonly state?: string;
  readonly before?: string;
  readonly after?: string;
}

const STYLES = `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="0.0%"/><numFmt numFmtId="171" formatCode="[$€-407]\\ #,##0.00;[Red]-[$€-407]\\ #,##0.00"/></numFmts>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="22"/></cellXfs></styleSheet>`;

function xlsx(sheets: readonly TestSheet[], { book = '', strings = '', parts = {} } = {}): Uint8Array {
  const list = sheets.map(
    ({ name, state = 'visible' }, at) =>
      `<sheet name="${name}" sheetId="${at + 1}" state="${state}" r:id="s${at}"/>`,
  );
  const relations = sheets.map((_, at) => relation(`s${at}`, 'worksheet', `worksheets/sheet${at}.xml`));
  return zipOf({
    '_rels/.rels': `<Relationships>${relation('r', 'officeDocument', '/xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook>${book}<sheets>${list.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${relations.join('')}${relation('x', 'styles', 'styles.xml')}${relation('y', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
    'xl/styles.xml': STYLES,
    ...parts,
    'xl/sharedStrings.xml': `<sst>${strings}</sst>`,
    ...Object.fromEntries(
      sheets.map(({ rows, before = '', after = '' }, at) => [
        `xl/worksheets/sheet${at}.xml`,
        `<worksheet>${before}<sheetData>${rows}</sheetData>${after}</worksheet>`,
      ]),
    ),
  });
}

const text = (words: string) => `<c t="inlineStr"><is><t>${words}</t></is></c>`;
const number = (value: number, style = 0) => `<c s="${style}"><v>${value}</v></c>`;
const row = (at: number, ...cells: string[]) => `<row r="${at}">${cells.join('')}</row>`;
const read = (rows: string, rest: Partial<TestSheet> = {}, options = {}) =>
  readXlsx(openZip(xlsx([{ name: 'Only', rows, ...rest }], options)));

describe('readXlsx', () => {
  it('shows dates by ISO 8601, and numbers as their format does', () => {
    const document = read(
      row(1, text('Day'), text('Share'), text('Price'), text('Seen')) +
        row(2, number(45352, 1), number(0.256, 2), number(-1234.5, 3), number(45352.604166666664, 4)) +
        row(3, number(1, 1), number(0, 2), number(1e6, 3), number(0.1 + 0.2)),
    );
    expect(blocksOf(document)).toEqual([
      'row: Day | Share | Price | Seen',
      'row: 2024-03-01 | 25.6% | -€ 1,234.50 | 2024-03-01 14:30',
      'row: 1900-01-01 | 0.0% | € 1,000,000.00 | 0.3',
    ]);
  });

  it('counts days from 1904 where the workbook does', () => {
    const document = read(row(1, number(0, 1), number(1, 1)), {}, { book: '<workbookPr date1904="1"/>' });
    expect(blocksOf(document)).toEqual(['row: 1904-01-01 | 1904-01-02']);
  });

  it('reads shared strings without their reading aids, formulas by their result, errors and truth values', () => {
    const strings = '<si><r><t>漢</t></r><r><t>字</t></r><rPh><t>カンジ</t></rPh></si>';
    const cells =
      '<c t="s"><v>0</v></c><c t="str"><f>A1</f><v>made</v></c><c><f>B1*2</f></c><c t="e"><v>#REF!</v></c><c t="b"><v>1</v></c><c t="d"><v>2024-03-01T00:00:00.000Z</v></c>';
    expect(blocksOf(read(row(1, cells), {}, { strings }))).toEqual([
      'row: 漢字 | made | =B1*2 | #REF! | TRUE | 2024-03-01',
    ]);
  });

  it('ends a table at an empty row, gives what stands alone a paragraph, and goes on where no new names come', () => {
    const document = read(
      row(1, text('Stock 2024')) +
        row(2, text('Item'), text('n')) +
        row(3, text('Rope'), number(3)) +
        row(5, text('Oar'), number(4)) +
        row(8, text('Port'), text('Depth')) +
        row(9, text('Kiel'), number(7)),
    );
    expect(blocksOf(document)).toEqual([
      'paragraph: Stock 2024',
      'row: Item | n',
      'row: Rope | 3',
      'row: Oar | 4',
      'row: Port | Depth',
      'row: Kiel | 7',
    ]);
    expect(document.tables.map((table) => table.columns)).toEqual([
      ['Item', 'n'],
      ['Port', 'Depth'],
    ]);
    expect(document.blocks.flatMap((block) => (block.kind === 'row' ? [block.table] : []))).toEqual([
      0, 0, 0, 1, 1,
    ]);
  });

  it('names sheets as pages, and leaves hidden sheets, rows and columns out by count', () => {
    const rows = `${row(1, text('a'), text('secret'))}<row r="2" hidden="1">${text('filtered')}</row>${row(3, text('b'))}`;
    const document = readXlsx(
      openZip(
        xlsx([
          { name: 'Plan', rows, before: '<cols><col min="2" max="2" hidden="1"/></cols>' },
          { name: 'Old', rows: row(1, text('gone')), state: 'veryHidden' },
          { name: 'Rest', rows: row(1, text('last')) },
        ]),
      ),
    );
    expect(blocksOf(document)).toEqual([
      'heading: Plan',
      'paragraph: a',
      'paragraph: b',
      'heading: Rest',
      'paragraph: last',
    ]);
    expect(document.blocks.map((block) => block.page)).toEqual([1, 1, 1, 2, 2]);
    expect(document.pages).toEqual({ unit: 'sheet', names: ['Plan', 'Rest'] });
    expect(document.losses).toEqual([
      { rule: 'hidden', chars: 'secret'.length + 'filtered'.length + 'gone'.length },
    ]);
  });

  it('repeats a cell that is merged with those below', () => {
    const rows = row(1, text('North'), number(1)) + row(2, '<c r="B2"><v>2</v></c>');
    const document = read(rows, { after: '<mergeCells><mergeCell ref="A1:A1048576"/></mergeCells>' });
    expect(blocksOf(document)).toEqual(['row: North | 1', 'row: North | 2']);
  });

  it('reads past a million empty rows and cells to the last one', () => {
    const empty = '<row spans="1:1"/>'.repeat(1_000_000) + '<row><c s="1"/></row>'.repeat(10_000);
    const document = read(`${empty}<row>${text('end')}</row>`);
    expect(blocksOf(document)).toEqual(['paragraph: end']);
  });

  it('counts the words of drawings, also of one that refers to itself', () => {
    const parts = {
      'xl/worksheets/_rels/sheet0.xml.rels': `<Relationships>${relation('d', 'drawing', '../drawings/drawing1.xml')}</Relationships>`,
      'xl/drawings/drawing1.xml': '<xdr:wsDr><a:t>In a box</a:t></xdr:wsDr>',
      'xl/drawings/_rels/drawing1.xml.rels': `<Relationships>${relation('d', 'drawing', 'drawing1.xml')}${relation('c', 'chart', 'chart1.xml')}</Relationships>`,
      'xl/drawings/chart1.xml': '<c:chart><c:v>Kiel</c:v></c:chart>',
    };
    const document = readXlsx(openZip(xlsx([{ name: 'Only', rows: row(1, text('a')) }], { parts })));
    expect(document.losses).toEqual([
      { rule: 'drawing', chars: 8 },
      { rule: 'chart', chars: 4 },
    ]);
  });

  it('refuses an archive without a workbook', () => {
    expect(() => readXlsx(openZip(zipOf({ a: 'x' })))).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }),
    );
  });
});
