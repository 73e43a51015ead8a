import type { TextDocument } from '@xnai/contracts';
import { descendants, elements, type XmlElement } from '../container/parse-xml.ts';
import { joinRuns, plainText } from '../runs.ts';
import type { Cell } from '../tables/write-table.ts';
import type { Inline } from './inline.ts';
import { OfficeWriter, type ParagraphKind } from './office-writer.ts';
import type { Role } from './style-role.ts';

interface Table {
  readonly element: XmlElement;
  /** Of each row. */
  readonly cells: readonly (readonly XmlElement[])[];
  /** Rows at the top that are marked as a header. */
  readonly markedRows: number;
  /** Whether the table looks as if its first row named the columns. */
  readonly hasNames?: boolean;
}

/** Reads the blocks of a text one after another. What they are called, and how they say what they are, is up to a format. */
export abstract class OfficeBlocks {
  readonly writer: OfficeWriter;

  constructor(inline: TextDocument['inline'] = 'code') {
    this.writer = new OfficeWriter(inline);
  }

  /** Reads a child of the body, of a cell or of a text box. */
  abstract read(block: XmlElement): void;

  /** Style of a paragraph. */
  protected abstract styleOf(paragraph: XmlElement | undefined): { readonly role?: Role | undefined };

  protected abstract readInline(paragraph: XmlElement): Inline;

  /** Paragraphs of a cell in their order, and what stands beside them. */
  protected abstract paragraphsOf(cell: XmlElement): XmlElement[];

  children(parent: XmlElement | undefined): void {
    for (const child of elements(parent)) this.read(child);
  }

  /** Text of a cell, a note or a text box, all on one line. */
  flat(cell: XmlElement | undefined): string {
    const paragraphs = cell === undefined ? [] : this.paragraphsOf(cell);
    const texts = paragraphs.map((paragraph) => {
      const { runs, boxes, descriptions } = this.#inline(paragraph);
      return [joinRuns(runs), ...boxes.map((box) => this.flat(box)), ...descriptions].join(' ').trim();
    });
    return texts.join(' ').trim();
  }

  /** The mark of a note, whose text comes behind the block. */
  protected markOf(note: XmlElement | undefined): string {
    return this.writer.addNote(() => this.flat(note));
  }

  /** @param placeOf the item or the label of a paragraph that is seen; it is counted by this */
  protected paragraph(
    paragraph: XmlElement,
    level: number | undefined,
    placeOf: () => Pick<ParagraphKind, 'item' | 'label'>,
  ): void {
    const { role } = this.styleOf(paragraph);
    const inline = this.#inline(paragraph);
    if (role === 'contents') this.writer.lose('navigation', plainText(inline.runs));
    else {
      const isSeen = inline.runs.some((run) => run.text.trim() !== '');
      this.writer.paragraph(inline.runs, { role, level, ...(isSeen && placeOf()) });
    }
    for (const box of inline.boxes) this.children(box);
    for (const description of inline.descriptions) this.writer.blocks.caption(description);
    this.writer.writeNotes();
  }

  /** @param read the rows; those of a table of one column, which is a frame around other content, are read as blocks */
  protected table(
    { element, cells, markedRows, hasNames = false }: Table,
    read: () => readonly (readonly Cell[])[],
  ): void {
    if (cells.every((row) => row.length <= 1)) {
      for (const cell of cells.flat()) this.children(cell);
      return;
    }
    const isNamed = hasNames || this.styleOf(descendants(element, 'p')[0]).role === 'column';
    this.writer.table(read(), markedRows > 0 ? markedRows : isNamed ? 1 : 0);
    this.writer.writeNotes();
  }

  #inline(paragraph: XmlElement): Inline {
    const inline = this.readInline(paragraph);
    for (const { rule, text } of inline.losses) this.writer.lose(rule, text);
    return inline;
  }
}
