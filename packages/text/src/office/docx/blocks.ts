import { attribute, descendants, find, textOf, type XmlElement } from '../../container/parse-xml.ts';
import type { Cell } from '../../tables/write-table.ts';
import type { Inline } from '../inline.ts';
import { OfficeBlocks } from '../office-blocks.ts';
import type { ParagraphKind } from '../office-writer.ts';
import { isOn } from '../parts.ts';
import { readInline } from './inline.ts';
import type { Numbering } from './numbering.ts';
import { listLevel, outlineLevel, type Style, type Styles } from './styles.ts';

interface Definitions {
  readonly styles: Styles;
  readonly numbering: Numbering;
  /** By kind and id: "footnote 2". */
  readonly notes: ReadonlyMap<string, XmlElement>;
}

/** Reads the blocks of a Word document one after another. */
export class DocxBlocks extends OfficeBlocks {
  readonly #definitions: Definitions;

  constructor(definitions: Definitions) {
    super();
    this.#definitions = definitions;
  }

  read(block: XmlElement): void {
    if (block.name === 'p') this.#paragraph(block);
    else if (block.name === 'tbl') this.#table(block);
    else if (block.name === 'sdt') this.#control(block);
    else if (!block.name.endsWith('Pr') && block.name !== 'del') this.children(block);
  }

  protected styleOf(paragraph: XmlElement | undefined): Style {
    return this.#definitions.styles.of(attribute(find(paragraph, 'pPr', 'pStyle'), 'val'));
  }

  protected readInline(paragraph: XmlElement): Inline {
    const { styles, notes } = this.#definitions;
    const markOf = (name: string) => (notes.has(name) ? this.markOf(notes.get(name)) : '');
    return readInline(paragraph, { styles, isCode: this.styleOf(paragraph).isCode, markOf });
  }

  protected paragraphsOf(cell: XmlElement): XmlElement[] {
    return descendants(cell, 'p');
  }

  #control(block: XmlElement): void {
    const gallery = attribute(find(block, 'sdtPr', 'docPartObj', 'docPartGallery'), 'val');
    if (gallery === 'Table of Contents') this.writer.lose('navigation', textOf(block));
    else this.children(find(block, 'sdtContent'));
  }

  #paragraph(paragraph: XmlElement): void {
    const properties = find(paragraph, 'pPr');
    const style = this.styleOf(paragraph);
    const level = outlineLevel(properties) ?? style.level;
    this.paragraph(paragraph, level, () => this.#listPlace(properties, style));
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
    const item =
      label.kind === 'number'
        ? { key: list, depth, ordinal: label.ordinal, format: label.format }
        : undefined;
    return { item, label: label.text };
  }

  #table(element: XmlElement): void {
    const rows = descendants(element, 'tr').filter((row) => find(row, 'trPr', 'del') === undefined);
    const cells = rows.map((row) => descendants(row, 'tc'));
    const markedRows = rows.findIndex((row) => !isMarked(find(row, 'trPr', 'tblHeader')));
    this.table({ element, cells, markedRows, hasNames: hasFirstRowLook(element) }, () =>
      cells.map((row) => row.map((cell) => this.#cell(cell))),
    );
  }

  #cell(cell: XmlElement): Cell {
    const properties = find(cell, 'tcPr');
    const merge = find(properties, 'vMerge');
    return {
      text: this.flat(cell),
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
