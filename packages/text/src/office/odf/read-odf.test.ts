import { describe, expect, it } from 'vitest';
import { openZip } from '../../container/open-zip.ts';
import { blocksOf } from '../../testing/blocks-of.ts';
import { zipOf } from '../../testing/zip-of.ts';
import { readOdf } from './read-odf.ts';

const STYLES = `<style:style style:name="Source_20_Text"/><style:style style:name="P1" style:parent-style-name="Preformatted_20_Text"/>
  <style:style style:name="Preformatted_20_Text" style:display-name="Preformatted Text"/>
  <style:style style:name="Up"><style:text-properties style:text-position="super 58%"/></style:style>
  <style:style style:name="Mono"><style:text-properties style:font-name="Liberation Mono1"/></style:style>
  <style:style style:name="Loop" style:parent-style-name="Loop"/>
  <style:style style:name="Hidden"><style:text-properties text:display="none"/></style:style>
  <style:style style:name="Gone"><style:table-properties table:display="false"/></style:style>
  <style:style style:name="Skip"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>
  <text:list-style style:name="N"><text:list-level-style-number text:level="1" style:num-format="1"/><text:list-level-style-bullet text:level="2"/></text:list-style>`;

function odf(kind: string, body: string, parts: Record<string, string> = {}): Uint8Array {
  return zipOf({
    'content.xml': `<office:document-content><office:automatic-styles>${STYLES}</office:automatic-styles><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
    ...parts,
  });
}

const read = (kind: string, body: string, parts?: Record<string, string>) =>
  readOdf(openZip(odf(kind, body, parts)), (mathMl) => mathMl.replace(/<[^>]*>/g, ''));
const p = (content: string, style = 'Standard') => `<text:p text:style-name="${style}">${content}</text:p>`;
const item = (content: string, attributes = '') =>
  `<text:list-item ${attributes}>${content}</text:list-item>`;

describe('readOdf', () => {
  it('reads headings, code, raised letters, notes and blanks of a text', () => {
    const note = `<text:note><text:note-citation>1</text:note-citation><text:note-body>${p('Since 1900.')}</text:note-body></text:note>`;
    const document = read(
      'text',
      `<text:h text:outline-level="2">Pumps</text:h>${p(`10<text:span text:style-name="Up">6</text:span> rows,<text:s text:c="3"/>see <text:span text:style-name="Mono">ls</text:span>.${note}`)}` +
        `${p('def f():', 'P1')}${p('<text:s text:c="4"/>return 1', 'P1')}${p('x', 'Loop')}${p('The pier', 'Caption')}`,
    );
    expect(blocksOf(document)).toEqual([
      'heading: Pumps',
      'paragraph: 10^6 rows, see `ls`.[1]',
      'note: Since 1900.',
      'code: def f():\n    return 1',
      'paragraph: x',
      'caption: The pier',
    ]);
  });

  it('counts items, nests lists, and counts on where the file says so', () => {
    const list = (items: string, attributes = '') =>
      `<text:list text:style-name="N" ${attributes}>${items}</text:list>`;
    const inner = `<text:list>${item(p('deep'))}</text:list>`;
    const document = read(
      'text',
      list(item(p('a') + p('more') + inner) + item(p('b')), 'xml:id="l1"') +
        p('between') +
        list(item(p('c')), 'text:continue-list="l1"') +
        list(item(p('d'), 'text:start-value="7"')),
    );
    const items = document.blocks.filter((block) => block.kind === 'item');
    expect(items.map(({ list: of, depth, ordinal, parent }) => [of, depth, ordinal, parent])).toEqual([
      [0, 0, 1, -1],
      [1, 1, undefined, 0],
      [0, 0, 2, -1],
      [0, 0, 3, -1],
      [2, 0, 7, -1],
    ]);
  });

  it('shows the numbers of chapters', () => {
    const heading = (of: number, words: string) => `<text:h text:outline-level="${of}">${words}</text:h>`;
    const outline =
      '<text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/><text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>';
    const document = read(
      'text',
      heading(1, 'Scope') +
        heading(2, 'Terms') +
        heading(2, 'Places') +
        heading(1, 'Duties') +
        heading(2, 'Oil') +
        heading(3, 'Deep'),
      {
        'styles.xml': `<office:document-styles><office:styles>${outline}</office:styles></office:document-styles>`,
      },
    );
    expect(blocksOf(document)).toEqual([
      'heading: I. Scope',
      'heading: I.1 Terms',
      'heading: I.2 Places',
      'heading: II. Duties',
      'heading: II.1 Oil',
      'heading: Deep',
    ]);
  });

  it('reads tables with spans and header rows, text boxes, formulas and words for pictures', () => {
    const cell = (text: string, attributes = '') =>
      `<table:table-cell ${attributes}>${p(text)}</table:table-cell>`;
    const table = `<table:table><table:table-header-rows><table:table-row>${cell('Area', 'table:number-rows-spanned="2"')}${cell('x')}</table:table-row></table:table-header-rows>
      <table:table-row><table:covered-table-cell/>${cell('y')}</table:table-row></table:table>`;
    const frame = (content: string) => `<draw:frame>${content}</draw:frame>`;
    const document = read(
      'text',
      table +
        p(frame(`<draw:text-box>${p('In the box')}</draw:text-box>`)) +
        p(`Is ${frame('<draw:object xlink:href="./Object 1"/>')}.`) +
        frame('<draw:object xlink:href="./Object 1"/>') +
        p(frame('<draw:image/><svg:desc>The pier</svg:desc>')),
      { 'Object 1/content.xml': '<math:math><math:mi>E</math:mi></math:math>' },
    );
    expect(blocksOf(document)).toEqual([
      'row: Area | x',
      'row: Area | y',
      'paragraph: In the box',
      'paragraph: Is E.',
      'math: E',
      'caption: The pier',
    ]);
    expect(document.tables).toEqual([{ columns: ['Area', 'x'] }]);
  });

  it('keeps headings and paragraphs of a cell, a slide title, its notes and a note in their order', () => {
    const text = `<text:h>Pumps</text:h>${p('Oil them.')}<text:h>Piers</text:h>${p('Old.')}`;
    const inOrder = 'Pumps Oil them. Piers Old.';
    const cells = `<table:table-cell>${text}</table:table-cell><table:table-cell>${p('b')}</table:table-cell>`;
    const table = `<table:table><table:table-row>${cells}</table:table-row></table:table>`;
    const note = p(`a<text:note><text:note-body>${text}</text:note-body></text:note>`);
    expect(blocksOf(read('text', table + note))).toEqual([
      `row: ${inOrder} | b`,
      'paragraph: a[1]',
      `note: ${inOrder}`,
    ]);
    const box = `<draw:text-box>${text}</draw:text-box>`;
    const slide = `<draw:frame presentation:class="title">${box}</draw:frame><presentation:notes><draw:frame>${box}</draw:frame></presentation:notes>`;
    expect(blocksOf(read('presentation', `<draw:page>${slide}</draw:page>`))).toEqual([
      `heading: ${inOrder}`,
      `note: ${inOrder}`,
    ]);
  });

  it('counts tables of contents, deleted text, comments and page heads', () => {
    const document = read(
      'text',
      `<text:table-of-content>${p('Pumps 1')}</text:table-of-content><text:tracked-changes><text:changed-region><text:deletion>${p('gone')}</text:deletion></text:changed-region></text:tracked-changes>${p(`Kept<office:annotation>${p('Really?')}</office:annotation>`)}`,
      {
        'styles.xml': `<office:document-styles><office:master-styles><style:header>${p('Head')}</style:header></office:master-styles></office:document-styles>`,
      },
    );
    expect(blocksOf(document)).toEqual(['paragraph: Kept']);
    expect(document.losses).toEqual([
      { rule: 'navigation', chars: 7 },
      { rule: 'deleted', chars: 4 },
      { rule: 'comment', chars: 7 },
      { rule: 'page-head', chars: 4 },
    ]);
  });

  it('counts comments and hidden text of cells, slides and their notes, as it does those of paragraphs', () => {
    const comment = `<office:annotation>${p('Really?')}</office:annotation>`;
    const hidden = '<text:span text:style-name="Hidden">gone</text:span>';
    const cells = `<table:table-cell>${p(`a${comment}${hidden}`)}</table:table-cell><table:table-cell>${comment}${p('b')}</table:table-cell>`;
    const table = `<table:table><table:table-row>${cells}</table:table-row></table:table>`;
    const slide = `${comment}<draw:frame presentation:class="title"><draw:text-box>${p(`Title${comment}`)}</draw:text-box></draw:frame><presentation:notes>${p(`Hello${hidden}`)}</presentation:notes>`;
    for (const [kind, body, blocks, losses] of [
      ['text', table, ['row: a | b'], { comment: 14, hidden: 4 }],
      ['spreadsheet', table, ['row: a | b'], { comment: 14, hidden: 4 }],
      [
        'presentation',
        `<draw:page>${slide}</draw:page>`,
        ['heading: Title', 'note: Hello'],
        { comment: 14, hidden: 4 },
      ],
    ] as const) {
      const document = read(kind, body);
      expect(blocksOf(document)).toEqual(blocks);
      expect(Object.fromEntries(document.losses.map(({ rule, chars }) => [rule, chars]))).toEqual(losses);
    }
  });

  it('reads sheets as values are shown, dates by ISO 8601, and rows that repeat', () => {
    const cell = (text: string, attributes = '') =>
      `<table:table-cell ${attributes}>${text === '' ? '' : p(text)}</table:table-cell>`;
    const row = (cells: string, attributes = '') =>
      `<table:table-row ${attributes}>${cells}</table:table-row>`;
    const rows =
      row(cell('Day') + cell('Share')) +
      row(
        cell('1 March', 'office:value-type="date" office:date-value="2024-03-01"') +
          cell('25.6%', 'office:value-type="percentage"'),
      ) +
      row(cell('', 'table:number-columns-repeated="16384"'), 'table:number-rows-repeated="1048000"') +
      row(cell('secret'), 'table:visibility="collapse"');
    const document = read(
      'spreadsheet',
      `<table:table table:name="A">${rows}</table:table><table:table table:name="B" table:style-name="Gone">${row(cell('hidden'))}</table:table>`,
    );
    expect(blocksOf(document)).toEqual(['heading: A', 'row: Day | Share', 'row: 2024-03-01 | 25.6%']);
    expect(document).toMatchObject({
      inline: 'none',
      pages: { unit: 'sheet', names: ['A'] },
      losses: [{ rule: 'hidden', chars: 12 }],
    });
  });

  it('reads slides with their titles and notes, and leaves hidden ones out', () => {
    const box = (of: string, text: string) =>
      `<draw:frame presentation:class="${of}"><draw:text-box>${p(text)}</draw:text-box></draw:frame>`;
    const document = read(
      'presentation',
      `<draw:page>${box('outline', 'Oil it.')}${box('title', 'Pumps')}${box('footer', 'Firm')}<presentation:notes>${box('notes', 'Say hello.')}</presentation:notes></draw:page>
       <draw:page draw:style-name="Skip">${box('title', 'Secret')}</draw:page><draw:page>${box('title', 'End')}</draw:page>`,
    );
    expect(blocksOf(document)).toEqual([
      'heading: Pumps',
      'paragraph: Oil it.',
      'note: Say hello.',
      'heading: End',
    ]);
    expect(document.blocks.map((block) => block.page)).toEqual([1, 1, 1, 3]);
    expect(document.losses).toEqual([
      { rule: 'page-head', chars: 4 },
      { rule: 'hidden', chars: 6 },
    ]);
  });

  it('refuses an archive without content, and one with a password', () => {
    expect(() => readOdf(openZip(zipOf({ a: 'x' })), String)).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }),
    );
    const manifest =
      '<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>';
    const locked = odf('text', '', { 'META-INF/manifest.xml': manifest });
    expect(() => readOdf(openZip(locked), String)).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_ENCRYPTED' }),
    );
  });
});
