import type { TextDocument } from '@xnai/contracts';
import {
  attribute,
  descendants,
  elements,
  find,
  textOf,
  type XmlElement,
} from '../../container/parse-xml.ts';
import { joinRuns, plainText } from '../../runs.ts';
import type { Cell } from '../../tables/write-table.ts';
import type { DocumentEnd } from '../../writer.ts';
import { OfficeWriter } from '../office-writer.ts';
import { type Inline, readInline } from './inline.ts';
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

/** Parts of a paragraph that also stand beside paragraphs. */
const STANDS_ALONE = /^(frame|annotation)$/;

/** Reads the blocks of an OpenDocument text or slide one after another. */
export class OdfBlocks {
  readonly writer: OfficeWriter;
  readonly #definitions: Definitions;
  readonly #lists: Lists;

  constructor(definitions: Definitions, inline: TextDocument['inline']) {
    this.writer = new OfficeWriter(inline);
    this.#definitions = definitions;
    this.#lists = new Lists(definitions.styles);
  }

  end(end: DocumentEnd): TextDocument {
    return this.writer.end(end);
  }

  children(parent: XmlElement | undefined, list?: List): void {
    for (const child of elements(parent)) this.read(child, list);
  }

  read(block: XmlElement, list?: List): void {
    if (block.name === 'h') this.#paragraph(block, { level: levelOf(block) });
    else if (block.name === 'p') this.#paragraph(block, { list });
    else if (block.name === 'list') this.#list(block, list);
    else if (block.name === 'table') this.#table(block);
    else if (INDEXES.test(block.name)) this.writer.lose('navigation', textOf(block));
    else if (block.name === 'tracked-changes')
      this.writer.lose('deleted', descendants(block, 'deletion').map(textOf).join(' '));
    else if (STANDS_ALONE.test(block.name)) this.#attached(this.#inline(block));
    else if (!NO_BLOCK.test(block.name)) this.children(block, list);
  }

  #styleOf(paragraph: XmlElement): Style {
    return this.#definitions.styles.of(attribute(paragraph, 'style-name'));
  }

  /** What a paragraph holds, or what stands alone, which is read as if a paragraph held it; losses are counted. */
  #inline(element: XmlElement): Inline {
    const isAlone = STANDS_ALONE.test(element.name);
    const markOf = (note: XmlElement) => this.writer.addNote(() => this.cell(find(note, 'note-body')).text);
    const options = { ...this.#definitions, style: isAlone ? NO_STYLE : this.#styleOf(element), markOf };
    const paragraph = isAlone ? { name: 'p', attributes: {}, children: [element] } : element;
    const inline = readInline(paragraph, options);
    for (const { rule, text } of inline.losses) this.writer.lose(rule, text);
    return inline;
  }

  #paragraph(paragraph: XmlElement, { level, list }: { level?: number; list?: List | undefined }): void {
    const style = this.#styleOf(paragraph);
    const inline = this.#inline(paragraph);
    if (style.role === 'contents') this.writer.lose('navigation', plainText(inline.runs));
    else {
      const isSeen = inline.runs.some((run) => run.text.trim() !== '');
      const item = isSeen && list !== undefined && !style.isCode ? this.#lists.place(list) : undefined;
      const label = isSeen && level !== undefined ? this.#definitions.outline(level) : undefined;
      this.writer.paragraph(inline.runs, { role: style.role, level, item, label });
    }
    this.#attached(inline);
  }

  #attached({ boxes, descriptions }: Inline): void {
    for (const box of boxes) this.children(box);
    for (const description of descriptions) this.writer.blocks.caption(description);
    this.writer.writeNotes();
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

  #table(table: XmlElement): void {
    const rows = descendants(table, 'table-row');
    const isFrame = rows.every((row) => elements(row).length <= 1);
    if (isFrame) {
      for (const row of rows) for (const cell of elements(row)) this.children(cell);
      return;
    }
    const marked = elements(table, 'table-header-rows').flatMap((group) =>
      descendants(group, 'table-row'),
    ).length;
    const first = attribute(descendants(table, 'p')[0], 'style-name');
    const isNamed = this.#definitions.styles.of(first).role === 'column';
    this.writer.table(
      rows.flatMap((row) => this.#row(row)),
      marked > 0 ? marked : isNamed ? 1 : 0,
    );
    this.writer.writeNotes();
  }

  #row(row: XmlElement): (readonly Cell[])[] {
    const budget = this.writer.blocks.repeats;
    const cells = elements(row, 'table-cell').flatMap((cell) =>
      repeated([this.cell(cell)], cell, { of: 'columns', budget }).flat(),
    );
    return repeated(cells, row, { of: 'rows', budget });
  }

  cell(cell: XmlElement | undefined): Cell {
    const paragraphs = cell === undefined ? [] : descendants(cell, 'p', 'h', 'annotation');
    const texts = paragraphs.map((paragraph) => {
      const { runs, boxes, descriptions } = this.#inline(paragraph);
      return [joinRuns(runs), ...boxes.map((box) => this.cell(box).text), ...descriptions].join(' ').trim();
    });
    return {
      text: texts.join(' ').trim(),
      columns: Number(attribute(cell, 'number-columns-spanned') ?? 1),
      rows: Number(attribute(cell, 'number-rows-spanned') ?? 1),
    };
  }
}

/** There are ten levels of headings. */
function levelOf(heading: XmlElement): number {
  return Math.min(Math.max(Math.trunc(Number(attribute(heading, 'outline-level') ?? 1)) || 1, 1), 10);
}
