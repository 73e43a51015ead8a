import { describe, expect, it } from 'vitest';
import { openZip } from '../../container/open-zip.ts';
import { blocksOf } from '../../testing/blocks-of.ts';
import { zipOf } from '../../testing/zip-of.ts';
import { readPptx } from './read-pptx.ts';

const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const relations = (list: readonly (readonly [string, string])[]) =>
  `<Relationships>${list.map(([type, target], at) => `<Relationship Id="r${at}" Type="${RELATION}/${type}" Target="${target}"/>`).join('')}</Relationships>`;

const p = (text: string, properties = '', run = '') =>
  `<a:p>${properties}<a:r><a:rPr ${run}/><a:t>${text}</a:t></a:r></a:p>`;
const shape = (content: string, placeholder = '') =>
  `<p:sp><p:nvSpPr><p:nvPr>${placeholder}</p:nvPr></p:nvSpPr><p:txBody>${content}</p:txBody></p:sp>`;
const tree = (shapes: string) => `<p:cSld><p:spTree>${shapes}</p:spTree></p:cSld>`;

/** Slides by their XML; the first one has notes. */
function pptx(slides: readonly string[], notes = ''): Uint8Array {
  const ids = slides.map((_, at) => `<p:sldId id="${256 + at}" r:id="r${at}"/>`).join('');
  return zipOf({
    '_rels/.rels': relations([['officeDocument', 'ppt/presentation.xml']]),
    'ppt/presentation.xml': `<p:presentation><p:sldIdLst>${ids}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relations(slides.map((_, at) => ['slide', `slides/slide${at}.xml`])),
    'ppt/slides/_rels/slide0.xml.rels': relations([['notesSlide', '../notesSlides/notes1.xml']]),
    'ppt/notesSlides/notes1.xml': `<p:notes>${tree(shape(notes, '<p:ph type="body"/>') + shape(p('7'), '<p:ph type="sldNum"/>'))}</p:notes>`,
    ...Object.fromEntries(slides.map((xml, at) => [`ppt/slides/slide${at}.xml`, xml])),
  });
}

const slide = (shapes: string, attributes = '') => `<p:sld ${attributes}>${tree(shapes)}</p:sld>`;
const TITLE = '<p:ph type="title"/>';
const BODY = '<p:ph idx="1"/>';

describe('readPptx', () => {
  it('gives each slide a page and a heading, with the speaker notes behind', () => {
    const first = slide(
      shape(p('Second in the file'), BODY) +
        shape(p('Pumps'), '<p:ph type="ctrTitle"/>') +
        shape(p('12'), '<p:ph type="sldNum"/>'),
    );
    const document = readPptx(openZip(pptx([first, slide(shape(p('Valves'), TITLE))], p('Say hello.'))));
    expect(blocksOf(document)).toEqual([
      'heading: Pumps',
      'item: Second in the file',
      'note: Say hello.',
      'heading: Valves',
    ]);
    expect(document.blocks.map((block) => block.page)).toEqual([1, 1, 1, 2]);
    expect(document).toMatchObject({
      title: 'Pumps',
      pages: { unit: 'slide' },
      losses: [{ rule: 'page-head', chars: 2 }],
    });
  });

  it('keeps levels and numbers of items, and takes boxes as paragraphs', () => {
    const numbered = (level: number) =>
      `<a:pPr lvl="${level}"><a:buAutoNum type="arabicPeriod" startAt="3"/></a:pPr>`;
    const body =
      p('a', numbered(0)) +
      p('deep', '<a:pPr lvl="1"/>') +
      p('b', numbered(0)) +
      p('plain', '<a:pPr><a:buNone/></a:pPr>') +
      p('c', numbered(0));
    const document = readPptx(openZip(pptx([slide(shape(body, BODY) + shape(p('In a box')))])));
    expect(blocksOf(document)).toEqual([
      'item: a',
      'item: deep',
      'item: b',
      'paragraph: plain',
      'item: c',
      'paragraph: In a box',
    ]);
    const items = document.blocks.filter((block) => block.kind === 'item');
    expect(items.map(({ list, depth, ordinal, parent }) => [list, depth, ordinal, parent])).toEqual([
      [0, 0, 3, -1],
      [1, 1, undefined, 0],
      [0, 0, 4, -1],
      [2, 0, 3, -1],
    ]);
  });

  it('reads tables with spans, raised letters, listings and words for pictures', () => {
    const cell = (text: string, attributes = '') =>
      `<a:tc ${attributes}><a:txBody>${text === '' ? '' : p(text)}</a:txBody></a:tc>`;
    const table = `<a:tbl><a:tblPr firstRow="1"/><a:tr>${cell('Area', 'rowSpan="2"')}${cell('x')}</a:tr><a:tr>${cell('', 'vMerge="1"')}${cell('y')}</a:tr></a:tbl>`;
    const shapes =
      shape(`<a:p><a:r><a:t>10</a:t></a:r><a:r><a:rPr baseline="30000"/><a:t>6</a:t></a:r></a:p>`) +
      shape('<a:p><a:r><a:rPr><a:latin typeface="Consolas"/></a:rPr><a:t>make  all</a:t></a:r></a:p>') +
      `<p:grpSp><p:graphicFrame>${table}</p:graphicFrame></p:grpSp><p:pic><p:nvPicPr><p:cNvPr descr="The pier"/></p:nvPicPr></p:pic>`;
    expect(blocksOf(readPptx(openZip(pptx([slide(shapes)]))))).toEqual([
      'paragraph: 10^6',
      'code: make  all',
      'row: Area | x',
      'row: Area | y',
      'caption: The pier',
    ]);
  });

  it('leaves hidden slides out and counts them; the others keep their number', () => {
    const document = readPptx(
      openZip(pptx([slide(shape(p('Secret')), 'show="0"'), slide(shape(p('Seen')))])),
    );
    expect(blocksOf(document)).toEqual(['paragraph: Seen']);
    expect(document.blocks[0]?.page).toBe(2);
    expect(document.losses).toEqual([{ rule: 'hidden', chars: 6 }]);
  });

  it('refuses an archive without a presentation', () => {
    expect(() => readPptx(openZip(zipOf({ a: 'x' })))).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }),
    );
  });
});
