import { describe, expect, it } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { zipOf } from '../testing/zip-of.ts';
import { readFile } from './read-file.ts';

const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument';
const office = (main: string, parts: Record<string, string | Uint8Array>) =>
  zipOf({
    '_rels/.rels': `<Relationships><Relationship Id="r" Type="${RELATION}" Target="${main}"/></Relationships>`,
    ...parts,
  });
const docx = (body: string) =>
  office('word/document.xml', { 'word/document.xml': `<w:document><w:body>${body}</w:body></w:document>` });
const paragraph = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
const odf = (kind: string) => (rows: string) =>
  zipOf({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    'content.xml': `<office:document-content><office:body><office:${kind}><table:table>${rows}</table:table></office:${kind}></office:body></office:document-content>`,
  });

/** Tables whose first cell spans all rows, each of which has another cell. */
const spanningOdf = (kind: string) => (text: string, rows: number) => {
  const cell = (words: string, attributes = '') =>
    `<table:table-cell ${attributes}><text:p>${words}</text:p></table:table-cell>`;
  const first = `<table:table-row>${cell(text, `table:number-rows-spanned="${rows}"`)}${cell('1')}</table:table-row>`;
  const covered = `<table:table-row><table:covered-table-cell/>${cell('1')}</table:table-row>`;
  return odf(kind)(first + covered.repeat(rows - 1));
};
const SPANNING: Readonly<Record<string, (text: string, rows: number) => Uint8Array>> = {
  odt: spanningOdf('text'),
  ods: spanningOdf('spreadsheet'),
  docx: (text, rows) => {
    const row = (words: string, merge: string) =>
      `<w:tr><w:tc><w:tcPr><w:vMerge ${merge}/></w:tcPr>${paragraph(words)}</w:tc><w:tc>${paragraph('1')}</w:tc></w:tr>`;
    return docx(`<w:tbl>${row(text, 'w:val="restart"')}${row('', '').repeat(rows - 1)}</w:tbl>`);
  },
  xlsx: (text, rows) => {
    const type = RELATION.replace(/\w+$/, 'worksheet');
    const cell = (place: string, words: string) =>
      `<c r="${place}" t="inlineStr"><is><t>${words}</t></is></c>`;
    const others = Array.from(
      { length: rows - 1 },
      (_, at) => `<row r="${at + 2}">${cell(`B${at + 2}`, '1')}</row>`,
    );
    return office('xl/workbook.xml', {
      'xl/workbook.xml': '<workbook><sheets><sheet name="a" r:id="s"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="s" Type="${type}" Target="s.xml"/></Relationships>`,
      'xl/s.xml': `<worksheet><sheetData><row r="1">${cell('A1', text)}${cell('B1', '1')}</row>${others.join('')}</sheetData><mergeCells><mergeCell ref="A1:A${rows}"/></mergeCells></worksheet>`,
    });
  },
};
const refused = (code: string) => expect.objectContaining({ name: 'ReadError', code });

describe('readFile with hostile files', () => {
  it('refuses a document that inflates three hundred times its size, before it does', async () => {
    const paragraphs = Buffer.from(paragraph('a').repeat(1000));
    const bomb = office('word/document.xml', {
      'word/document.xml': Buffer.alloc(34 * 2 ** 20, paragraphs),
    });
    expect(bomb.length).toBeLessThan(2 * 2 ** 20);
    await expect(readFile(bomb)).rejects.toThrow(refused('DOCUMENT_TOO_LARGE'));
  });

  it('reads thirty thousand paragraphs, and keeps none of their XML', async () => {
    expect((await readFile(docx(paragraph('a').repeat(30_000)))).blocks).toHaveLength(30_000);
  });

  it('refuses a workbook that says one long text in each of its cells', async () => {
    const part = (name: string) => RELATION.replace(/\w+$/, name);
    const cells = '<c t="s"><v>0</v></c>'.repeat(100);
    const workbook = office('xl/workbook.xml', {
      'xl/workbook.xml': '<workbook><sheets><sheet name="a" r:id="s"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="s" Type="${part('worksheet')}" Target="s.xml"/><Relationship Id="t" Type="${part('sharedStrings')}" Target="t.xml"/></Relationships>`,
      'xl/t.xml': `<sst><si><t>${'long '.repeat(6000)}</t></si></sst>`,
      'xl/s.xml': `<worksheet><sheetData>${`<row>${cells}</row>`.repeat(30)}</sheetData></worksheet>`,
    });
    await expect(readFile(workbook)).rejects.toEqual(refused('DOCUMENT_TOO_LARGE'));
  });

  it('lets no entity grow', async () => {
    const entities = Array.from(
      { length: 20 },
      (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`,
    ).join('');
    const main = `<!DOCTYPE x [<!ENTITY e0 "ha">${entities}<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document><w:body>${paragraph('&e20; &f;')}</w:body></w:document>`;
    expect(blocksOf(await readFile(office('word/document.xml', { 'word/document.xml': main })))).toEqual([
      'paragraph: &e20; &f;',
    ]);
  });

  it.each([
    ['elements', docx('<w:sdt><w:sdtContent>'.repeat(50_000))],
    ['tables', docx('<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc>'.repeat(50_000))],
    ['sections', odf('text')('<text:section>'.repeat(50_000))],
    [
      'parts of a package',
      zipOf({ mimetype: 'application/epub+zip', 'META-INF/container.xml': '<a>'.repeat(50_000) }),
    ],
  ])('refuses 50,000 nested %s', async (_, bytes) => {
    await expect(readFile(bytes)).rejects.toThrow(refused('DOCUMENT_TOO_LARGE'));
  });

  it('refuses more elements in one table than fit into memory', async () => {
    const rows = `<w:tr>${'<w:tc/>'.repeat(100)}</w:tr>`.repeat(11_000);
    await expect(readFile(docx(`<w:tbl>${rows}</w:tbl>`))).rejects.toThrow(refused('DOCUMENT_TOO_LARGE'));
  });

  it.each(Object.entries(SPANNING))(
    'says a long cell once that spans 4,000 rows of .%s',
    async (_, table) => {
      const words = 'x'.repeat(30_000);
      const file = table(words, 4000);
      expect(file.length).toBeLessThan(100_000);
      const { text } = await readFile(file);
      expect(text).toContain(words);
      expect(text.length).toBeLessThan(words.length + 200_000);
    },
  );

  it.each(Object.entries(SPANNING))('repeats a name in each of its 4,000 rows of .%s', async (_, table) => {
    const { blocks, text } = await readFile(table('North', 4000));
    expect(blocks).toHaveLength(4000);
    expect(text.match(/North/g)).toHaveLength(4000);
  });

  it.each([
    ['odt', odf('text')],
    ['ods', odf('spreadsheet')],
  ])('does not let rows and cells that are stated to repeat multiply the text of .%s', async (_, file) => {
    const cell = `<table:table-cell table:number-columns-repeated="100"><text:p>${'x'.repeat(150)}</text:p></table:table-cell>`;
    const row = `<table:table-row table:number-rows-repeated="100">${cell}${cell}</table:table-row>`;
    expect((await readFile(file(row.repeat(100)))).text.length).toBeLessThan(400_000);
    const zeros = cell.replace(/x{150}/, '0').repeat(2);
    const small = `<table:table-row table:number-rows-repeated="50">${zeros}</table:table-row>`;
    expect((await readFile(file(small))).text.match(/0/g)).toHaveLength(50 * 200);
  });

  it.each([
    [
      'a sheet',
      office('xl/workbook.xml', {
        'xl/workbook.xml': '<workbook><sheets><sheet name="a" r:id="../../../x"/></sheets></workbook>',
      }),
    ],
    [
      'a presentation',
      office('ppt/presentation.xml', {
        'ppt/presentation.xml':
          '<p:presentation><p:sldIdLst><p:sldId r:id="none"/></p:sldIdLst></p:presentation>',
      }),
    ],
    [
      'a book',
      zipOf({
        mimetype: 'application/epub+zip',
        'META-INF/container.xml':
          '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>',
        'b.opf': '<package><spine><itemref idref="x"/></spine></package>',
      }),
    ],
  ])('says that %s without its parts holds no text', async (_, bytes) => {
    await expect(readFile(bytes)).rejects.toThrow(refused('BODY_EMPTY'));
  });

  it.each([
    [
      'mail of 100,000 parts',
      'a.eml',
      `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\n'.repeat(100_000)}`,
    ],
    ['lines of quotes', 'a.csv', '"'.repeat(1_000_001)],
    ['commas', 'a.csv', ','.repeat(1_000_000)],
    ['open brackets', 'a.json', '['.repeat(1_000_000)],
    ['nested lists', 'a.rst', Array.from({ length: 1000 }, (_, at) => `${' '.repeat(2 * at)}- x`).join('\n')],
    ['marks', 'a.rst', '|*`'.repeat(100_000)],
  ])('reads %s without growth of the text, or refuses it', async (_, fileName, text) => {
    const outcome = await readFile(Buffer.from(text), { fileName }).then(
      (document) => (blocksOf(document).join('').length < text.length + 100 ? 'read' : 'grown'),
      (error) => error.name,
    );
    expect(['read', 'ReadError']).toContain(outcome);
  });
});
