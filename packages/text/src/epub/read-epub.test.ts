import { describe, expect, it } from 'vitest';
import { openZip } from '../container/open-zip.ts';
import { blocksOf } from '../testing/blocks-of.ts';
import { zipOf } from '../testing/zip-of.ts';
import { readEpub } from './read-epub.ts';

const CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>';
const chapter = (title: string, text: string) =>
  `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>f.xhtml</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`;

function epub(parts: Record<string, string> = {}): Uint8Array {
  return zipOf({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': CONTAINER,
    'OEBPS/book.opf': `<package><metadata><dc:title>The pier</dc:title><dc:language>en-GB</dc:language></metadata>
      <manifest><item id="b" href="text/two%20more.xhtml"/><item id="a" href="text/one.xhtml"/><item id="n" href="nav.xhtml" properties="nav"/></manifest>
      <spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="lost"/></spine></package>`,
    'OEBPS/nav.xhtml': chapter('Contents', 'One Two'),
    'OEBPS/text/one.xhtml': chapter('One', 'First words.'),
    'OEBPS/text/two more.xhtml': chapter('Two', 'Last words.'),
    ...parts,
  });
}

describe('readEpub', () => {
  it('reads chapters in the order of the spine, each as a page with its name', () => {
    const document = readEpub(openZip(epub()));
    expect(blocksOf(document)).toEqual([
      'heading: One',
      'paragraph: First words.',
      'heading: Two',
      'paragraph: Last words.',
    ]);
    expect(document.blocks.map((block) => block.page)).toEqual([1, 1, 2, 2]);
    expect(document).toMatchObject({
      title: 'The pier',
      language: 'en-GB',
      pages: { unit: 'part', names: ['One', 'Two'] },
    });
    expect(document.losses).toEqual([expect.objectContaining({ rule: 'navigation' })]);
  });

  it('refuses a book that is locked, and reads one whose fonts alone are hidden', () => {
    const hidden = (algorithm: string) =>
      `<encryption><enc:EncryptedData><enc:EncryptionMethod Algorithm="${algorithm}"/></enc:EncryptedData></encryption>`;
    const locked = epub({ 'META-INF/encryption.xml': hidden('http://www.w3.org/2001/04/xmlenc#aes128-cbc') });
    expect(() => readEpub(openZip(locked))).toThrow(expect.objectContaining({ code: 'DOCUMENT_ENCRYPTED' }));
    const fonts = epub({ 'META-INF/encryption.xml': hidden('http://www.idpf.org/2008/embedding') });
    expect(readEpub(openZip(fonts)).blocks).toHaveLength(4);
  });

  it('refuses an archive without a book, and a container that leads out of it', () => {
    expect(() => readEpub(openZip(zipOf({ a: 'x' })))).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }),
    );
    const outside = epub({
      'META-INF/container.xml': CONTAINER.replace('OEBPS/book.opf', '../../etc/passwd'),
    });
    expect(() => readEpub(openZip(outside))).toThrow(expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }));
  });
});
