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
  ])('refuses 50,000 nested %s', async (_, bytes) => {
    await expect(readFile(bytes)).rejects.toThrow(refused('DOCUMENT_TOO_LARGE'));
  });

  it('refuses more elements in one table than fit into memory', async () => {
    const rows = `<w:tr>${'<w:tc/>'.repeat(100)}</w:tr>`.repeat(11_000);
    await expect(readFile(docx(`<w:tbl>${rows}</w:tbl>`))).rejects.toThrow(refused('DOCUMENT_TOO_LARGE'));
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
  ])('reads or refuses %s in time', async (_, fileName, text) => {
    const outcome = await readFile(Buffer.from(text), { fileName }).then(
      (document) => (blocksOf(document).join('').length < text.length + 100 ? 'read' : 'grown'),
      (error) => error.name,
    );
    expect(['read', 'ReadError']).toContain(outcome);
  });
});
