import type { TextDocument } from '@xnai/contracts';
import {
  attribute,
  descendants,
  elements,
  find,
  textOf,
  type XmlElement,
} from '../../container/parse-xml.ts';
import type { Cell } from '../../tables/write-table.ts';
import type { Inline } from '../inline.ts';
import { OfficeBlocks } from '../office-blocks.ts';
import { readInline } from './inline.ts';
import { type List, Lists } from './lists.ts';
import type { Outline } from './outline.ts';
import { repeated } from './repeats.ts';
import { NO_STYLE, type Style, type Styles } from './styles.ts';

interface Definitions {
  readonly styles: Styles;
  readonly outline: Outline;
  formulaOf(object: XmlElement): string | undefined;
}

/** Lists of places in the document, and what is no text of it. */
const INDEXES =
  /^(table-of-content|illustration-index|table-index|object-index|user-index|alphabetical-index)$/;
const NO_BLOCK = /^(forms|sequence-decls|variable-decls|user-field-decls|dde-connection-decls|shapes)$/;

/** Parts of a paragraph that also stand beside paragraphs; each is read as if a paragraph held it. */
const STANDS_ALONE = /^(frame|annotation)$/;
const NO_PARAGRAPH = { name: 'p', attributes: {} };

/** Reads the blocks of an OpenDocument text or slide one after another. */
export class OdfBlocks extends OfficeBlocks {
  readonly #definitions: Definitions;
  readonly #lists: Lists;

  constructor(definitions: Definitions, inline: TextDocument['inline']) {
    super(inline);
    this.#definitions = definitions;
    this.#lists = new Lists(definitions.styles);
  }

  read(block: XmlElement, list?: List): void {
    if (block.name === 'h') this.#heading(block);
    else if (block.name === 'p' || STANDS_ALONE.test(block.name)) this.#paragraph(block, list);
    else if (block.name === 'list') this.#list(block, list);
    else if (block.name === 'table') this.#table(block);
    else if (INDEXES.test(block.name)) this.writer.lose('navigation', textOf(block));
    else if (block.name === 'tracked-changes')
      this.writer.lose('deleted', descendants(block, 'deletion').map(textOf).join(' '));
    else if (!NO_BLOCK.test(block.name)) for (const child of elements(block)) this.read(child, list);
  }

  protected styleOf(paragraph: XmlElement | undefined): Style {
    if (paragraph !== undefined && STANDS_ALONE.test(paragraph.name)) return NO_STYLE;
    return this.#definitions.styles.of(attribute(paragraph, 'style-name'));
  }

  protected readInline(element: XmlElement): Inline {
    const markOf = (note: XmlElement) => this.markOf(find(note, 'note-body'));
    const paragraph = STANDS_ALONE.test(element.name) ? { ...NO_PARAGRAPH, children: [element] } : element;
    return readInline(paragraph, { ...this.#definitions, style: this.styleOf(element), markOf });
  }

  protected paragraphsOf(cell: XmlElement): XmlElement[] {
    return descendants(cell, 'p', 'h', 'annotation');
  }

  #heading(heading: XmlElement): void {
    const level = levelOf(heading);
    this.paragraph(heading, level, () => ({ label: this.#definitions.outline(level) }));
  }

  #paragraph(paragraph: XmlElement, list: List | undefined): void {
    const isItem = list !== undefined && !this.styleOf(paragraph).isCode;
    this.paragraph(paragraph, undefined, () => (isItem ? { item: this.#lists.place(list) } : {}));
  }

  /** Only the first paragraph of an item has its mark. */
  #list(element: XmlElement, outer: List | undefined): void {
    const list = this.#lists.open(element, outer);
    for (const item of elements(element)) {
      list.count = Number(attribute(item, 'start-value') ?? list.count + 1) - 1;
      const blocks = elements(item);
      const first = item.name === 'list-item' ? blocks.find((block) => block.name !== 'list') : undefined;
      for (const block of blocks)
        this.read(block, block === first || block.name === 'list' ? list : undefined);
    }
  }

  #table(element: XmlElement): void {
    const rows = descendants(element, 'table-row');
    const cells = rows.map((row) => elements(row));
    const heads = elements(element, 'table-header-rows').flatMap((group) => descendants(group, 'table-row'));
    this.table({ element, cells, markedRows: heads.length }, () => rows.flatMap((row) => this.#row(row)));
  }

  #row(row: XmlElement): (readonly Cell[])[] {
    const budget = this.writer.blocks.repeats;
    const cells = elements(row, 'table-cell').flatMap((cell) =>
      repeated([this.#cell(cell)], cell, { of: 'columns', budget }).flat(),
    );
    return repeated(cells, row, { of: 'rows', budget });
  }

  #cell(cell: XmlElement): Cell {
    return {
      text: this.flat(cell),
      columns: Number(attribute(cell, 'number-columns-spanned') ?? 1),
      rows: Number(attribute(cell, 'number-rows-spanned') ?? 1),
    };
  }
}

/** There are ten levels of headings. */
function levelOf(heading: XmlElement): number {
  return Math.min(Math.max(Math.trunc(Number(attribute(heading, 'outline-level') ?? 1)) || 1, 1), 10);
}
