import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { signatureOf, sniff } from './sniff.ts';

const EPUB = 'application/epub+zip';
const ODT = 'application/vnd.oasis.opendocument.text';
const archive = (mimetype: string, level: 0 | 9) =>
  zipSync({ mimetype: new TextEncoder().encode(mimetype) }, { level });

describe('the mimetype of an archive', () => {
  it.each([
    ['stored', 0],
    ['deflated', 9],
  ] as const)('is known when it is %s', (_, level) => {
    expect(sniff(archive(EPUB, level))).toMatchObject({ kind: 'epub' });
    expect(sniff(archive(`${ODT}-template`, level))).toMatchObject({ kind: 'odf' });
  });

  it.each([
    ['stored', 0],
    ['deflated', 9],
  ] as const)('is not read when it is longer than any type, %s', (_, level) => {
    expect(sniff(archive(EPUB.padEnd(100), level))).toMatchObject({ kind: 'epub' });
    expect(sniff(archive(EPUB.padEnd(2 ** 20), level))).toEqual({ refused: 'A zip archive' });
  });
});

describe('a signature', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  it.each([
    ['%PDF-1.7\n', 'pdf'],
    ['\n %PDF-1.7', 'pdf'],
    ['junk %PDF-1.7\n%âãÏÓ\n', 'pdf'],
    ['PK\x03\x04', 'zip'],
    ['ÐÏ\x11à¡±\x1aá', 'ole'],
    ['The file begins with %PDF-1.7', undefined],
    ['PK is short for Phil Katz', undefined],
    ['\x7fELF', undefined],
    ['', undefined],
  ])('is that of the first bytes: %j is %s', (text, signature) => {
    expect(signatureOf(bytes(text))).toBe(signature);
  });

  it('needs no whole archive', () => {
    const cut = archive(EPUB, 0).subarray(0, 40);
    expect(signatureOf(cut)).toBe('zip');
    expect(() => sniff(cut)).toThrow(expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }));
  });
});
