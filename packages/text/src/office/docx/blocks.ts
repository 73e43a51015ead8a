import type { TextDocument } from '@xnai/contracts';
import {
  attribute,
  descendants,
  elements,
  find,
  textOf,
  type XmlElement,
} from '../../container/parse-xml.ts';
import { isAllCode, joinRuns, plainText } from '../../runs.ts';
import { DocumentWriter } from '../../writer.ts';
import { ItemWriter } from '../item-writer.ts';
import { isOn } from '../parts.ts';
import { type Cell, writeTable } from '../table.ts';
import { type Inline, type NoteReference, readInline } from './inline.ts';
import type { Label, Numbering } from './numbering.ts';
import { listLevel, outlineLevel, type Style, type Styles } from './styles.ts';

interface Definitions {
  readonly styles: Styles;
  readonly numbering: Numbering;
  /** By kind and id: "footnote 2". */
  readonly notes: ReadonlyMap<string, XmlElement>;
}

interface ListPlace {
  readonly list: string;
  readonly depth: number;
  readonly label: Label;
}

/** Writes the blocks of a Word document one after another. */
export class DocxBlocks {
  readonly #writer = new DocumentWriter({ inline: 'code' });
  readonly #items = new ItemWriter(this.#writer);
  readonly #definitions: Definitions;
  #title: string | undefined;
  /** Paragraphs of a listing that has not ended yet. */
  #listing: string[] = [];
  #noteCount = 0;
  #openNotes: (NoteReference & { readonly label: string })[] = [];

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** Reads a child of the body, of a cell or of a text box. */
  read(block: XmlElement): void {
    if (block.name === 'p') this.#paragraph(block);
    else if (block.name === 'tbl') this.#table(block);
    else if (block.name === 'sdt') this.#control(block);
    else if (!block.name.endsWith('Pr') && block.name !== 'del')
      for (const child of elements(block)) this.read(child);
  }

  lose(rule: string, text: string): void {
    this.#writer.lose(rule, text.trim().length);
  }

  end({
    title = this.#title,
    language,
  }: {
    title: string | undefined;
    language: string | undefined;
  }): TextDocument {
    this.#endListing();
    return this.#writer.end({
      ...(title !== undefined && { title }),
      ...(language !== undefined && { language }),
    });
  }

  #control(block: XmlElement): void {
    const gallery = attribute(find(block, 'sdtPr', 'docPartObj', 'docPartGallery'), 'val');
    if (gallery === 'Table of Contents') this.lose('navigation', textOf(block));
    else for (const child of elements(find(block, 'sdtContent'))) this.read(child);
  }

  #paragraph(paragraph: XmlElement): void {
    const properties = find(paragraph, 'pPr');
    const styleId = attribute(find(properties, 'pStyle'), 'val');
    const style = this.#definitions.styles.of(styleId);
    const inline = this.#inline(paragraph, style);
    if (style.role === 'contents') {
      this.lose('navigation', plainText(inline.runs));
      return;
    }
    const text = joinRuns(inline.runs);
    const level = style.role === 'title' ? 1 : (outlineLevel(properties) ?? style.level);
    const place = text === '' ? undefined : this.#listPlace(properties, styleId, style);
    if ((style.role === 'code' || isAllCode(inline.runs)) && level === undefined && place === undefined) {
      this.#listing.push(plainText(inline.runs));
    } else if (text !== '') {
      this.#endListing();
      if (style.role === 'title') this.#title ??= text;
      this.#text(text, { inline, style, level, place });
    }
    for (const box of inline.boxes) for (const child of elements(box)) this.read(child);
    for (const description of inline.descriptions) this.#writer.caption(description);
    this.#writeNotes();
  }

  #inline(paragraph: XmlElement, style: Style): Inline {
    const { styles } = this.#definitions;
    const inline = readInline(paragraph, { styles, isCode: style.isCode, firstNote: this.#noteCount + 1 });
    for (const { rule, chars } of inline.losses) this.#writer.lose(rule, chars);
    for (const note of inline.notes) {
      this.#noteCount += 1;
      this.#openNotes.push({ ...note, label: String(this.#noteCount) });
    }
    return inline;
  }

  #listPlace(
    properties: XmlElement | undefined,
    styleId: string | undefined,
    style: Style,
  ): ListPlace | undefined {
    const { numbering } = this.#definitions;
    const own = find(properties, 'numPr');
    const list = attribute(find(own, 'numId'), 'val') ?? style.list;
    if (list === undefined) return undefined;
    const depth = listLevel(own) ?? style.listLevel ?? numbering.levelOf(list, styleId ?? '');
    const label = numbering.next(list, depth);
    return label === undefined ? undefined : { list, depth, label };
  }

  #text(
    text: string,
    {
      inline,
      style,
      level,
      place,
    }: { inline: Inline; style: Style; level: number | undefined; place: ListPlace | undefined },
  ): void {
    if (place !== undefined && place.label.kind !== 'words' && level === undefined) {
      const { list, depth, label } = place;
      const isNumber = label.kind === 'number';
      const ordinal = isNumber ? label.ordinal : undefined;
      // Bullets that look different, as one program writes each of them, still make one list.
      this.#items.write(text, { key: isNumber ? list : 'bullet', depth, ordinal });
      return;
    }
    this.#items.close();
    const words = place === undefined ? text : `${place.label.text} ${text}`.trim();
    if (level !== undefined) this.#heading(level, words);
    else if (style.role === 'caption') this.#writer.caption(words);
    else if (style.role === 'quote') this.#writer.quote(words);
    else if (inline.runs.every((run) => run.isFormula || run.text.trim() === '')) this.#writer.math(words);
    else this.#writer.paragraph(words);
  }

  #heading(level: number, text: string): void {
    this.#items.forget();
    this.#writer.heading(level, text);
  }

  #endListing(): void {
    if (this.#listing.length === 0) return;
    this.#items.close();
    this.#writer.code(this.#listing.join('\n'));
    this.#listing = [];
  }

  #table(table: XmlElement): void {
    this.#endListing();
    this.#items.close();
    const rows = descendants(table, 'tr').filter((row) => find(row, 'trPr', 'del') === undefined);
    const cells = rows.map((row) => descendants(row, 'tc'));
    // A table of one column is a frame around other content.
    if (cells.every((row) => row.length <= 1)) {
      for (const cell of cells.flat()) for (const child of elements(cell)) this.read(child);
      return;
    }
    const marked = rows.findIndex((row) => !isMarked(find(row, 'trPr', 'tblHeader')));
    const headerRows = marked > 0 ? marked : hasFirstRowLook(table) || this.#isColumnNames(rows[0]) ? 1 : 0;
    writeTable(
      this.#writer,
      cells.map((row) => row.map((cell) => this.#cell(cell))),
      headerRows,
    );
    this.#writeNotes();
  }

  #isColumnNames(row: XmlElement | undefined): boolean {
    const first = row === undefined ? undefined : descendants(row, 'p')[0];
    return this.#definitions.styles.of(attribute(find(first, 'pPr', 'pStyle'), 'val')).role === 'column';
  }

  #cell(cell: XmlElement): Cell {
    const properties = find(cell, 'tcPr');
    const merge = find(properties, 'vMerge');
    const paragraphs = descendants(cell, 'p').map((paragraph) => {
      const style = this.#definitions.styles.of(attribute(find(paragraph, 'pPr', 'pStyle'), 'val'));
      const { runs, boxes, descriptions } = this.#inline(paragraph, style);
      return [joinRuns(runs), ...boxes.map((box) => this.#cell(box).text), ...descriptions].join(' ');
    });
    return {
      text: paragraphs.join(' ').trim(),
      columns: Number(attribute(find(properties, 'gridSpan'), 'val') ?? 1),
      isContinued: merge !== undefined && attribute(merge, 'val') !== 'restart',
    };
  }

  #writeNotes(): void {
    for (const { kind, id, label } of this.#openNotes.splice(0)) {
      const note = this.#definitions.notes.get(`${kind} ${id}`);
      const text = note === undefined ? '' : this.#cell(note).text;
      if (text !== '') this.#writer.note(text, label);
    }
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
