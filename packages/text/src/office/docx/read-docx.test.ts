import { describe, expect, it } from 'vitest';
import { openZip } from '../../container/open-zip.ts';
import { blocksOf } from '../../testing/blocks-of.ts';
import { zipOf } from '../../testing/zip-of.ts';
import { readDocx } from './read-docx.ts';

const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const STYLES = `<w:styles>
  <w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="de-DE"/></w:rPr></w:rPrDefault></w:docDefaults>
  <w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style>
  <w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
  <w:style w:type="paragraph" w:styleId="Own"><w:name w:val="House style"/><w:basedOn w:val="berschrift2"/></w:style>
  <w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>
  <w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
  <w:style w:type="character" w:styleId="Cmd"><w:name w:val="Command"/><w:rPr><w:rFonts w:ascii="Consolas"/></w:rPr></w:style>
</w:styles>`;
const level = (at: number, format: string, text: string) =>
  `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`;
const NUMBERING = `<w:numbering>
  <w:abstractNum w:abstractNumId="0">${level(0, 'decimal', '%1.')}${level(1, 'bullet', '•')}</w:abstractNum>
  <w:abstractNum w:abstractNumId="1">${level(0, 'upperRoman', 'Article %1')}${level(1, 'decimal', '%1.%2')}</w:abstractNum>
  <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
  <w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
  <w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>
</w:numbering>`;

function docx(body: string, parts: Record<string, string> = {}): Uint8Array {
  const all: Record<string, string> = { styles: STYLES, numbering: NUMBERING, ...parts };
  const relations = Object.keys(all).map(
    (name) =>
      `<Relationship Id="${name}" Type="${RELATION}/${name.replace(/\d/, '')}" Target="${name}.xml"/>`,
  );
  return zipOf({
    '_rels/.rels': `<Relationships><Relationship Id="r" Type="${RELATION}/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/_rels/document.xml.rels': `<Relationships>${relations.join('')}</Relationships>`,
    'word/document.xml': `<w:document><w:body>${body}</w:body></w:document>`,
    ...Object.fromEntries(Object.entries(all).map(([name, xml]) => [`word/${name}.xml`, xml])),
  });
}

const t = (text: string, properties = '') =>
  `<w:r><w:rPr>${properties}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`;
const p = (content: string, properties = '') => `<w:p><w:pPr>${properties}</w:pPr>${content}</w:p>`;
const style = (id: string) => `<w:pStyle w:val="${id}"/>`;
const numbered = (list: number, at = 0) =>
  `<w:numPr><w:ilvl w:val="${at}"/><w:numId w:val="${list}"/></w:numPr>`;
const read = (body: string, parts?: Record<string, string>) => readDocx(openZip(docx(body, parts)));
const MONO = '<w:rFonts w:ascii="Courier New"/>';

describe('readDocx', () => {
  it('takes the level of a heading from its style, from what that is based on, or from its outline', () => {
    const document = read(
      p(t('One'), style('berschrift2')) +
        p(t('Two'), style('Own')) +
        p(t('Three'), '<w:outlineLvl w:val="2"/>') +
        p(t('x'), style('Loop')),
    );
    expect(document.blocks.map((block) => block.kind === 'heading' && block.level)).toEqual([2, 2, 3, false]);
    expect(document.language).toBe('de-DE');
  });

  it('counts items, nests bullets in them, starts again where the file says so, and keeps words of numbers', () => {
    const document = read(
      p(t('a'), numbered(1)) +
        p(t('b'), numbered(1, 1)) +
        p(t('between')) +
        p(t('c'), numbered(1)) +
        p(t('d'), numbered(3)) +
        p(t('Scope'), style('berschrift2') + numbered(2)) +
        p(t('Duties'), numbered(2, 1)) +
        p(t('none'), numbered(0)),
    );
    const items = document.blocks.filter((block) => block.kind === 'item');
    expect(items.map(({ list, depth, ordinal, parent }) => [list, depth, ordinal, parent])).toEqual([
      [0, 0, 1, -1],
      [1, 1, undefined, 0],
      [0, 0, 2, -1],
      [2, 0, 7, -1],
    ]);
    expect(blocksOf(document).slice(-3)).toEqual([
      'heading: Article I Scope',
      'paragraph: I.1 Duties',
      'paragraph: none',
    ]);
  });

  it('keeps inserted text, and leaves deleted and hidden text out by name', () => {
    const document = read(
      p(
        `${t('Keep ')}<w:ins>${t('this')}</w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>${t('secret', '<w:vanish/>')}${t('.')}`,
      ),
    );
    expect(blocksOf(document)).toEqual(['paragraph: Keep this.']);
    expect(document.losses).toEqual([
      { rule: 'deleted', chars: 4 },
      { rule: 'hidden', chars: 6 },
    ]);
  });

  it('keeps the value of raised letters, formulas and symbols', () => {
    const document = read(
      p(
        t('10') +
          t('-6', '<w:vertAlign w:val="superscript"/>') +
          t(' m, H') +
          t('2', '<w:vertAlign w:val="subscript"/>') +
          t('O, ') +
          '<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>' +
          '<w:r><w:sym w:font="Symbol" w:char="F06D"/></w:r>',
      ) +
        p(
          '<m:oMathPara><m:oMath><m:rad><m:radPr/><m:deg/><m:e><m:r><m:t>y</m:t></m:r></m:e></m:rad></m:oMath></m:oMathPara>',
        ),
    );
    expect(blocksOf(document)).toEqual(['paragraph: 10^-6 m, H2O, (a+b)/2μ', 'math: √(y)']);
  });

  it('makes one listing of paragraphs in a typewriter font, and a code span of a command', () => {
    const document = read(
      p(t('def f():', MONO)) +
        p(t('    return 1', MONO)) +
        p(t('Run ') + t('ma', '<w:rStyle w:val="Cmd"/>') + t('ke', '<w:rStyle w:val="Cmd"/>') + t(' now.')),
    );
    expect(blocksOf(document)).toEqual(['code: def f():\n    return 1', 'paragraph: Run `make` now.']);
  });

  it('reads tables with spans and the header that Word marks', () => {
    const cell = (text: string, properties = '') =>
      `<w:tc><w:tcPr>${properties}</w:tcPr>${p(t(text))}</w:tc>`;
    const row = (cells: string, properties = '') => `<w:tr><w:trPr>${properties}</w:trPr>${cells}</w:tr>`;
    const document = read(
      `<w:tbl>${row(cell('Area', '<w:vMerge w:val="restart"/>') + cell('Latency', '<w:gridSpan w:val="2"/>'), '<w:tblHeader/>')}${row(
        cell('', '<w:vMerge/>') + cell('p50') + cell('p99'),
        '<w:tblHeader/>',
      )}${row(cell('Read') + cell('1') + cell('9'))}</w:tbl>`,
    );
    expect(blocksOf(document)).toEqual([
      'row: Area | Latency | ',
      'row: Area | p50 | p99',
      'row: Read | 1 | 9',
    ]);
    expect(document.tables).toEqual([{ columns: ['Area', 'Latency p50', 'p99'] }]);
    expect(document.blocks.map((block) => block.kind === 'row' && block.isHeader)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('reads a term and what it means as one, and a term alone as a paragraph', () => {
    const named = (id: string, name: string) =>
      `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/></w:style>`;
    const styles = STYLES.replace(
      '</w:styles>',
      `${named('T', 'Definition Term')}${named('D', 'Definition')}</w:styles>`,
    );
    const document = read(
      p(t('MTU'), style('T')) + p(t('1492 bytes'), style('D')) + p(t('SSID'), style('T')) + p(t('After.')),
      { styles },
    );
    expect(blocksOf(document)).toEqual(['definition: 1492 bytes', 'paragraph: SSID', 'paragraph: After.']);
    expect(document.blocks[0]).toMatchObject({ term: 'MTU' });
  });

  it('shows a text box once, and the words for a picture', () => {
    const box = `<w:txbxContent>${p(t('In the box'))}</w:txbxContent>`;
    const document = read(
      p(
        `${t('Before')}<w:r><mc:AlternateContent><mc:Choice><w:drawing><wp:docPr descr="Plan of the pier"/>${box}</w:drawing></mc:Choice><mc:Fallback><w:pict>${box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>`,
      ),
    );
    expect(blocksOf(document)).toEqual([
      'paragraph: Before',
      'paragraph: In the box',
      'caption: Plan of the pier',
    ]);
  });

  it('puts notes behind the paragraph that refers to them, and counts what is no part of the text', () => {
    const document = read(
      `${p(`${t('Old')}<w:r><w:footnoteReference w:id="2"/></w:r>`)}${p(t('Contents 1'), style('TOC1'))}${p(t('After'))}`,
      {
        footnotes: `<w:footnotes><w:footnote w:id="2">${p(t('Since 1900.'))}</w:footnote></w:footnotes>`,
        header1: `<w:hdr>${p(t('Page head'))}</w:hdr>`,
        comments: `<w:comments><w:comment>${p(t('Really?'))}</w:comment></w:comments>`,
      },
    );
    expect(blocksOf(document)).toEqual(['paragraph: Old[1]', 'note: Since 1900.', 'paragraph: After']);
    expect(document.losses).toEqual([
      { rule: 'navigation', chars: 10 },
      { rule: 'page-head', chars: 9 },
      { rule: 'comment', chars: 7 },
    ]);
  });

  it('counts on behind items of another list, and takes the depth of a style that has a list of its own', () => {
    const document = read(
      p(t('a'), numbered(1)) + p(t('deep'), `${style('LB2')}${numbered(4)}`) + p(t('b'), numbered(1)),
      {
        styles: STYLES.replace(
          '</w:styles>',
          '<w:style w:type="paragraph" w:styleId="LB2"><w:name w:val="List Bullet 2"/></w:style></w:styles>',
        ),
        numbering: NUMBERING.replace(
          '<w:num w:numId="1">',
          `<w:abstractNum w:abstractNumId="9">${level(0, 'bullet', '•')}</w:abstractNum><w:num w:numId="4"><w:abstractNumId w:val="9"/></w:num><w:num w:numId="1">`,
        ),
      },
    );
    const items = document.blocks.filter((block) => block.kind === 'item');
    expect(items.map(({ list, depth, ordinal, parent }) => [list, depth, ordinal, parent])).toEqual([
      [0, 0, 1, -1],
      [1, 1, undefined, 0],
      [0, 0, 2, -1],
    ]);
  });

  it('reads whatever prefix stands for the namespace', () => {
    const bytes = docx('<ns0:p xmlns:ns0="x"><ns0:r><ns0:t>Other writer</ns0:t></ns0:r></ns0:p>');
    expect(blocksOf(readDocx(openZip(bytes)))).toEqual(['paragraph: Other writer']);
  });

  it('refuses an archive without a document, and numbers that lead nowhere do no harm', () => {
    expect(() => readDocx(openZip(zipOf({ 'a.txt': 'x' })))).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }),
    );
    const wild = '<w:numPr><w:ilvl w:val="999999999999"/><w:numId w:val="1"/></w:numPr>';
    const cell = `<w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr>${p(t('wide'))}</w:tc><w:tc>${p(t('z'))}</w:tc>`;
    const document = read(`${p(t('deep'), wild)}<w:tbl><w:tr>${cell}</w:tr></w:tbl>`);
    expect(blocksOf(document)[0]).toBe('paragraph: deep');
    expect(document.text.length).toBeLessThan(10_000);
  });
});
