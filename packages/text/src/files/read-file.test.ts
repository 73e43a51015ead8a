import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { zipOf } from '../testing/zip-of.ts';
import { readFile } from './read-file.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const refusal = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument';
const DOCX = zipOf({
  '_rels/.rels': `<Relationships><Relationship Id="r" Type="${RELATION}" Target="word/document.xml"/></Relationships>`,
  'word/document.xml': '<w:document><w:body><w:p><w:r><w:t>In Word</w:t></w:r></w:p></w:body></w:document>',
});

describe('readFile', () => {
  it.each([
    ['its media type', { mediaType: 'text/csv; charset=utf-8' }, 'a,b\n1,2', ['row: a | b', 'row: 1 | 2']],
    ['the end of its name', { fileName: 'A.CSV' }, 'a,b\n1,2', ['row: a | b', 'row: 1 | 2']],
    [
      'the end of its name where the type says nothing',
      { mediaType: 'application/octet-stream', fileName: 'a.md' },
      '# One',
      ['heading: One'],
    ],
    ['the path of its address', { url: 'https://x.example/a/b.json?v=1#x' }, '{"a":"b"}', ['definition: b']],
    [
      'its type before its name',
      { mediaType: 'text/plain', fileName: 'a.md' },
      '# One',
      ['paragraph: # One'],
    ],
    [
      'a type of source code',
      { mediaType: 'text/x-python' },
      'def tide():\n    return 4\n',
      ['code: def tide():\n    return 4'],
    ],
    ['a name of source code', { fileName: 'Makefile' }, 'all:\n\tmake', ['code: all:\n\tmake']],
    ['a suffix of its type', { mediaType: 'application/ld+json' }, '{"a":1}', ['definition: 1']],
    [
      'its root element, served as XML',
      { mediaType: 'application/xml' },
      '<?xml version="1.0"?><html><body><h1>One</h1></body></html>',
      ['heading: One'],
    ],
    ['its type as XML', { mediaType: 'text/xml' }, '<a>html</a>', ['code: <a>html</a>']],
    ['nothing at all', {}, 'Words.', ['paragraph: Words.']],
  ])('reads text by %s', async (_, names, text, blocks) => {
    expect(blocksOf(await readFile(bytesOf(text), names))).toEqual(blocks);
  });

  it.each([{ fileName: 'a.pdf' }, { mediaType: 'text/plain' }, { mediaType: 'application/zip' }, {}])(
    'reads a Word document for what it is, named as %j',
    async (names) => expect(blocksOf(await readFile(DOCX, names))).toEqual(['paragraph: In Word']),
  );

  it('knows the language of source code by the name of its file', async () => {
    const document = await readFile(bytesOf('let a = `b`;'), { fileName: 'src/a.mts' });
    expect(document).toMatchObject({ inline: 'none', blocks: [{ kind: 'code', language: 'typescript' }] });
  });

  it.each([
    ['a gzip archive', gzipSync('text'), { fileName: 'a.txt' }, /archive/],
    ['a zip archive', zipOf({ 'a.txt': 'x', 'word/notes.txt': 'y' }), { fileName: 'a.docx' }, /zip archive/],
    ['a program', bytesOf('\x7fELF\0\0'), {}, /program/],
    ['a picture', Buffer.from('89504e470d0a1a0a', 'hex'), { mediaType: 'text/plain' }, /image/],
    ['Rich Text', bytesOf('{\\rtf1 x}'), { fileName: 'a.doc' }, /\.rtf/],
    [
      'an old Word document',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.from('WordDocument', 'utf16le')]),
      {},
      /\.doc\b/,
    ],
    [
      'an unknown type',
      bytesOf('MZ'),
      { mediaType: 'application/x-msdownload', fileName: 'a.exe' },
      /x-msdownload/,
    ],
    ['a drawing', bytesOf('<svg/>'), { mediaType: 'image/svg+xml' }, /svg/],
    ['unknown bytes', Uint8Array.of(1, 0, 2, 0), {}, /binary/],
  ])('refuses %s by name', async (_, bytes, names, message) => {
    await expect(readFile(bytes, names)).rejects.toThrow(refusal('UNSUPPORTED_MEDIA_TYPE', message));
  });

  it.each([
    [
      'a PDF that is text',
      bytesOf('Hello'),
      { mediaType: 'application/pdf' },
      'DOCUMENT_DAMAGED',
      /not a PDF/,
    ],
    [
      'a Word document that is cut off',
      DOCX.subarray(0, 200),
      { fileName: 'a.docx' },
      'DOCUMENT_DAMAGED',
      /cut off/,
    ],
    [
      'text with binary content',
      Uint8Array.of(65, 0, 1),
      { fileName: 'a.csv' },
      'DOCUMENT_DAMAGED',
      /not text/,
    ],
    [
      'a workbook with a password',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.from('EncryptedPackage', 'utf16le')]),
      { fileName: 'a.xlsx' },
      'DOCUMENT_ENCRYPTED',
      /password/,
    ],
    ['broken JSON', bytesOf('{"a":'), { fileName: 'a.json' }, 'DOCUMENT_NOT_READABLE', /JSON/],
    ['an empty file', new Uint8Array(), { fileName: 'a.txt' }, 'BODY_EMPTY', /empty/],
    ['a blank file', bytesOf(' \n'), { fileName: 'a.txt' }, 'BODY_EMPTY', /no text/],
  ])('refuses %s', async (_, bytes, names, code, message) => {
    await expect(readFile(bytes, names)).rejects.toThrow(refusal(code, message));
  });

  it('decodes text by the charset of its type', async () => {
    const document = await readFile(Buffer.from('Stra\xdfe', 'latin1'), {
      mediaType: 'text/plain; charset=ISO-8859-1',
    });
    expect(document.text).toBe('Straße');
  });
});
