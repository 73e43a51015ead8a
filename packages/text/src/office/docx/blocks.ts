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
import type { DocumentEnd, DocumentWriter } from '../../writer.ts';
import { OfficeWriter, type ParagraphKind } from '../office-writer.ts';
import { isOn } from '../parts.ts';
import { type Inline, readInline } from './inline.ts';
import type { Numbering } from './numbering.ts';
import { listLevel, outlineLevel, type Style, type Styles } from './styles.ts';

interface Definitions {
  readonly styles: Styles;
  readonly numbering: Numbering;
  /** By kind and id: "footnote 2". */
  readonly notes: ReadonlyMap<string, XmlElement>;
}

/** Reads the blocks of a Word document one after another. */
export class DocxBlocks {
  readonly #writer = new OfficeWriter();
  readonly #definitions: Definitions;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** Reads a child of the body, of a cell or of a text box. */
  read(block: XmlElement): void {
    if (block.name === 'p') this.#paragraph(block);
    else if (block.name === 'tbl') this.#table(block);
    else if (block.name === 'sdt') this.#control(block);
    else if (!block.name.endsWith('Pr') && block.name !== 'del') this.#children(block);
  }

  get writer(): DocumentWriter {
    return this.#writer.blocks;
  }

  end(end: DocumentEnd): TextDocument {
    return this.#writer.end(end);
  }

  #children(parent: XmlElement | undefined): void {
    for (const child of elements(parent)) this.read(child);
  }

  #control(block: XmlElement): void {
    const gallery = attribute(find(block, 'sdtPr', 'docPartObj', 'docPartGallery'), 'val');
    if (gallery === 'Table of Contents') this.#writer.lose('navigation', textOf(block));
    else this.#children(find(block, 'sdtContent'));
  }

  #paragraph(paragraph: XmlElement): void {
    const properties = find(paragraph, 'pPr');
    const style = this.#styleOf(paragraph);
    const { runs, boxes, descriptions } = this.#inline(paragraph, style);
    if (style.role === 'contents') this.#writer.lose('navigation', plainText(runs));
    else {
      const isSeen = runs.some((run) => run.text.trim() !== '');
      const level = outlineLevel(properties) ?? style.level;
      this.#writer.paragraph(runs, {
        role: style.role,
        level,
        ...(isSeen && this.#listPlace(properties, style)),
      });
    }
    for (const box of boxes) this.#children(box);
    for (const description of descriptions) this.#writer.blocks.caption(description);
    this.#writer.writeNotes();
  }

  #styleOf(paragraph: XmlElement | undefined): Style {
    return this.#definitions.styles.of(attribute(find(paragraph, 'pPr', 'pStyle'), 'val'));
  }

  #inline(paragraph: XmlElement, style: Style): Inline {
    const { styles, notes } = this.#definitions;
    const markOf = (name: string) => {
      const note = notes.get(name);
      return note === undefined ? '' : this.#writer.addNote(() => this.#cell(note).text);
    };
    const inline = readInline(paragraph, { styles, isCode: style.isCode, markOf });
    for (const { rule, chars } of inline.losses) this.#writer.blocks.lose(rule, chars);
    return inline;
  }

  /** The item or the label that the numbering of a paragraph makes; it is counted by this. */
  #listPlace(properties: XmlElement | undefined, style: Style): Pick<ParagraphKind, 'item' | 'label'> {
    const { numbering } = this.#definitions;
    const own = find(properties, 'numPr');
    const list = attribute(find(own, 'numId'), 'val') ?? style.list;
    if (list === undefined) return {};
    const styleId = attribute(find(properties, 'pStyle'), 'val');
    const level = listLevel(own) ?? style.listLevel ?? numbering.levelOf(list, styleId);
    const label = numbering.next(list, level);
    const depth = Math.max(level, style.listDepth);
    if (label === undefined) return {};
    // Bullets that look different, as one program writes each of them, still make one list.
    if (label.kind === 'bullet') return { item: { key: 'bullet', depth } };
    const item = label.kind === 'number' ? { key: list, depth, ordinal: label.ordinal } : undefined;
    return { item, label: label.text };
  }

  #table(table: XmlElement): void {
    const rows = descendants(table, 'tr').filter((row) => find(row, 'trPr', 'del') === undefined);
    const cells = rows.map((row) => descendants(row, 'tc'));
    // A table of one column is a frame around other content.
    if (cells.every((row) => row.length <= 1)) {
      for (const cell of cells.flat()) this.#children(cell);
      return;
    }
    const marked = rows.findIndex((row) => !isMarked(find(row, 'trPr', 'tblHeader')));
    const isNamed = hasFirstRowLook(table) || this.#styleOf(descendants(table, 'p')[0]).role === 'column';
    this.#writer.table(
      cells.map((row) => row.map((cell) => this.#cell(cell))),
      marked > 0 ? marked : isNamed ? 1 : 0,
    );
    this.#writer.writeNotes();
  }

  #cell(cell: XmlElement): Cell {
    const properties = find(cell, 'tcPr');
    const merge = find(properties, 'vMerge');
    const paragraphs = descendants(cell, 'p').map((paragraph) => {
      const { runs, boxes, descriptions } = this.#inline(paragraph, this.#styleOf(paragraph));
      return [joinRuns(runs), ...boxes.map((box) => this.#cell(box).text), ...descriptions].join(' ');
    });
    return {
      text: paragraphs.join(' ').trim(),
      columns: Number(attribute(find(properties, 'gridSpan'), 'val') ?? 1),
      isContinued: merge !== undefined && attribute(merge, 'val') !== 'restart',
    };
  }
}

function isMarked(property: XmlElement | undefined): boolean {
  return property !== undefined && isOn(attribute(property, 'val') ?? 'true');
}

/** Word's own tables are made with a first row that looks different (ECMA-376 part 1, 17.4.55). */
function hasFirstRowLook(table: XmlElement): boolean {
  const look = find(table, 'tblPr', 'tblLook');
  const bits = Number.parseInt(attribute(look, 'val') ?? '0', 16);
  return isOn(attribute(look, 'firstRow')) || (bits & 0x20) !== 0;
}
