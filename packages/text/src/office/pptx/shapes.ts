import { attribute, descendants, elements, find, type XmlElement } from '../../container/parse-xml.ts';
import type { NumberFormat } from '../../format-number.ts';
import { isAllCode, joinRuns, plainText } from '../../runs.ts';
import { writeTable } from '../../tables/write-table.ts';
import type { DocumentWriter } from '../../writer.ts';
import { ItemWriter } from '../item-writer.ts';
import { isOn } from '../parts.ts';
import { lineRuns, lineText } from './paragraph.ts';

/** Placeholders that repeat on every slide. */
const PAGE_HEADS: ReadonlySet<string> = new Set(['dt', 'ftr', 'hdr', 'sldNum']);
const LEVELS: Readonly<Record<string, number>> = { ctrTitle: 1, title: 2 };

/** Writes the shapes of slides as blocks. */
export class SlideShapes {
  /** What stands on the title slide. */
  title: string | undefined;
  readonly #writer: DocumentWriter;
  readonly #items: ItemWriter;
  /** Numbers of the items above, by their depth. */
  #counts: number[] = [];

  constructor(writer: DocumentWriter) {
    this.#writer = writer;
    this.#items = new ItemWriter(writer);
  }

  /** The title comes first, wherever it lies among the shapes of a slide. */
  read(tree: XmlElement | undefined): void {
    this.#items.forget();
    const shapes = elements(tree);
    const title = shapes.find((shape) => placeholderOf(shape) in LEVELS);
    if (title !== undefined) this.#heading(title);
    for (const shape of shapes) if (shape !== title) this.#shape(shape);
  }

  #shape(shape: XmlElement): void {
    this.#items.close();
    if (shape.name === 'sp') this.#text(shape);
    else if (shape.name === 'graphicFrame') for (const table of descendants(shape, 'tbl')) this.#table(table);
    else if (shape.name === 'pic')
      this.#writer.caption(attribute(find(shape, 'nvPicPr', 'cNvPr'), 'descr') ?? '');
    else if (shape.name === 'AlternateContent')
      this.#children(find(shape, 'Choice') ?? find(shape, 'Fallback'));
    else if (shape.name === 'grpSp') this.#children(shape);
  }

  #children(parent: XmlElement | undefined): void {
    for (const shape of elements(parent)) this.#shape(shape);
  }

  #heading(shape: XmlElement): void {
    const level = LEVELS[placeholderOf(shape)] ?? 2;
    const text = elements(find(shape, 'txBody'), 'p').map(lineText).join(' ').trim();
    if (level === 1) this.title ??= text;
    this.#writer.heading(level, text);
  }

  #text(shape: XmlElement): void {
    const kind = placeholderOf(shape);
    const paragraphs = elements(find(shape, 'txBody'), 'p');
    if (PAGE_HEADS.has(kind)) {
      this.#writer.lose('page-head', paragraphs.map(lineText).join(' ').length);
    } else if (
      paragraphs.length > 0 &&
      paragraphs.every((each) => isAllCode(lineRuns(each)) || lineText(each) === '')
    ) {
      this.#writer.code(paragraphs.map((each) => plainText(lineRuns(each))).join('\n'));
    } else {
      this.#counts = [];
      for (const each of paragraphs) this.#paragraph(each, kind === 'body' || kind === 'obj');
    }
  }

  /** @param isOutline whether the layout of the slide gives each paragraph a bullet */
  #paragraph(paragraph: XmlElement, isOutline: boolean): void {
    const runs = lineRuns(paragraph);
    const text = joinRuns(runs);
    if (text === '') return;
    const properties = find(paragraph, 'pPr');
    const depth = Math.min(Math.max(Math.trunc(Number(attribute(properties, 'lvl') ?? 0)) || 0, 0), 8);
    const outer = this.#counts.slice(0, depth);
    const auto = find(properties, 'buAutoNum');
    if (hasBullet(properties, isOutline)) {
      const start = Number(attribute(auto, 'startAt') ?? 1);
      const ordinal = auto === undefined ? undefined : (this.#counts[depth] ?? start - 1) + 1;
      this.#counts = ordinal === undefined ? outer : [...outer, ordinal];
      const place = auto === undefined ? { key: 'bullet' } : { key: 'number', format: numberFormat(auto) };
      this.#items.write(text, { ...place, depth, ordinal });
      return;
    }
    this.#counts = outer;
    this.#items.close();
    if (isAllCode(runs)) this.#writer.code(plainText(runs));
    else this.#writer.paragraph(text);
  }

  #table(table: XmlElement): void {
    const rows = elements(table, 'tr').map((row) =>
      elements(row, 'tc')
        .filter((cell) => !isOn(attribute(cell, 'hMerge')) && !isOn(attribute(cell, 'vMerge')))
        .map((cell) => ({
          text: elements(find(cell, 'txBody'), 'p').map(lineText).join(' ').trim(),
          columns: Number(attribute(cell, 'gridSpan') ?? 1),
          rows: Number(attribute(cell, 'rowSpan') ?? 1),
        })),
    );
    writeTable(this.#writer, rows, isOn(attribute(find(table, 'tblPr'), 'firstRow')) ? 1 : 0);
  }
}

/** ST_TextAutonumberScheme: "alphaLcPeriod", "romanUcParenR", "arabicPeriod". */
function numberFormat(auto: XmlElement): NumberFormat {
  const [, name, letters] = /^(alpha|roman)(Lc|Uc)/.exec(attribute(auto, 'type') ?? '') ?? [];
  if (name === undefined) return '1';
  const format = name === 'alpha' ? 'a' : 'i';
  return letters === 'Uc' ? (format.toUpperCase() as NumberFormat) : format;
}

function hasBullet(properties: XmlElement | undefined, isOutline: boolean): boolean {
  const own = ['buAutoNum', 'buChar', 'buBlip'].some((name) => find(properties, name) !== undefined);
  return own || (isOutline && find(properties, 'buNone') === undefined);
}

/** The role of a shape in the layout of its slide; "obj" for the main content, '' for a shape of its own. */
export function placeholderOf(shape: XmlElement): string {
  const placeholder = find(shape, 'nvSpPr', 'nvPr', 'ph');
  return placeholder === undefined ? '' : (attribute(placeholder, 'type') ?? 'obj');
}
