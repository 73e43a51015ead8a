import { describe, expect, it } from 'vitest';
import { attribute, descendants, elements, find, parseXml, textOf, type XmlElement } from './parse-xml.ts';

const parse = (xml: string) => parseXml(new TextEncoder().encode(xml));

describe('parseXml', () => {
  it('knows elements and attributes by their local names', () => {
    const root = parse(
      '<?xml version="1.0"?><w:a xmlns:w="x"><w:b w:val="1">t&amp;<![CDATA[<u>]]></w:b><b r:id="2"/></w:a>',
    );
    expect(root.name).toBe('a');
    expect(elements(root, 'b').map((each) => attribute(each, 'val') ?? attribute(each, 'id'))).toEqual([
      '1',
      '2',
    ]);
    expect(textOf(find(root, 'b'))).toBe('t&<u>');
  });

  it('leaves declared entities as they are written', () => {
    const levels = Array.from({ length: 10 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join(
      '',
    );
    expect(textOf(parse(`<!DOCTYPE a [<!ENTITY e0 "ha">${levels}]><a>&e10;</a>`))).toBe('&e10;');
  });

  it('reads UTF-16 by its mark', () => {
    const bytes = Buffer.from('\uFEFF<a>prüfen</a>', 'utf16le');
    expect(textOf(parseXml(bytes))).toBe('prüfen');
  });

  it('reads the charset that the first line states, and UTF-8 where no charset has that name', () => {
    const text = (charset: string, bytes: BufferEncoding) =>
      textOf(parseXml(Buffer.from(`<?xml version="1.0" encoding="${charset}"?><a>prüfen</a>`, bytes)));
    expect(text('ISO-8859-1', 'latin1')).toBe('prüfen');
    expect(text('no-charset', 'utf8')).toBe('prüfen');
  });

  it('refuses 100,000 nested elements', () => {
    expect(() => parse('<a>'.repeat(100_000))).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_TOO_LARGE' }),
    );
  });

  it('hands over the children of one element as they end, and keeps none of them', () => {
    const seen: XmlElement[] = [];
    const xml = `<a><b>${'<c n="1"><d/></c>'.repeat(3)}</b><e/></a>`;
    const root = parseXml(new TextEncoder().encode(xml), { of: 'b', each: (child) => seen.push(child) });
    expect(seen.map((each) => elements(each).length)).toEqual([1, 1, 1]);
    expect(find(root, 'b')?.children).toEqual([]);
    expect(descendants(root, 'e')).toHaveLength(1);
  });

  it('gives an element without a name for what is no XML', () => {
    expect(parse('').name).toBe('');
    expect(parse('plain words').name).toBe('');
  });
});
