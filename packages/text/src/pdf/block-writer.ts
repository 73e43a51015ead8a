import type { DocumentWriter } from '../writer.ts';
import type { PageRegion } from './continues.ts';
import { least } from './extent.ts';
import { joinCode, joinLines } from './join-lines.ts';
import type { Line, Table } from './line-parts.ts';
import { ListLevels } from './list-levels.ts';
import type { Marker } from './marker.ts';
import type { Style } from './style.ts';

export type Kind = 'paragraph' | 'heading' | 'item' | 'code' | 'note' | 'quote' | 'caption';

export interface PdfBlock extends PageRegion {
  readonly kind: Kind;
  /** Lines that end where the text says so are parts: within one, lines run on. */
  readonly parts: Line[][];
  readonly level?: number;
  readonly marker?: Marker;
}

export const ADMONITION =
  /^(?:note|warning|tip|caution|important|attention|danger|hint|hinweis|warnung|achtung|remarque|avertissement|nota|advertencia|astuce|consejo|注意|警告|ヒント)[.:!]?$/i;
/** More lines than this that stand out are no heading. */
const MAX_HEADING_LINES = 4;

/** Writes blocks that are complete. */
export class BlockWriter {
  readonly writer: DocumentWriter;
  readonly style: Style;
  readonly lists: ListLevels;
  /** Item of a tagged list that the blocks to come belong to; -1 for none. */
  holder = -1;
  /** "Note" on a line of its own: the label of the paragraph that follows. */
  #label: string | undefined;
  #table: { id: number; columns: number; header: string; page: number } | undefined;

  constructor(writer: DocumentWriter, style: Style) {
    this.writer = writer;
    this.style = style;
    this.lists = new ListLevels(writer);
  }

  table({ cells, hasHeader }: Table, page: number): void {
    const before = this.#table;
    this.releaseLabel();
    const texts = cells.map((row) => row.map((cell) => joinLines(cell, this.style)));
    const used = (texts[0] ?? []).map((_, column) => texts.some((row) => (row[column] ?? '') !== ''));
    const rows = texts.map((row) => row.filter((_, column) => used[column]));
    const [first = []] = rows;
    this.writer.page = page;
    this.writer.parent = this.holder;
    const header = hasHeader ? first.join('\n') : '';
    const goesOn =
      before !== undefined &&
      before.columns === first.length &&
      before.page === page - 1 &&
      (header === '' || header === before.header);
    const id = goesOn ? before.id : this.writer.table(hasHeader ? first : []);
    for (const [index, row] of rows.entries()) {
      const isHeader = hasHeader && index === 0;
      if (isHeader && goesOn) this.writer.lose('page-head', header.length);
      else this.writer.row(id, row, { isHeader });
    }
    this.#table = { id, columns: first.length, header: goesOn ? before.header : header, page };
  }

  write(block: PdfBlock): void {
    const { kind, parts, page, level, marker } = block;
    const { writer, style } = this;
    const lines = parts.flat();
    this.#table = undefined;
    if (kind !== 'paragraph') this.releaseLabel();
    writer.page = page;
    if (kind === 'item' && marker !== undefined) {
      this.lists.item(marker, joinParts([[marker.rest, ...(parts[0] ?? [])], ...parts.slice(1)], style));
      return;
    }
    writer.parent = this.#holderOf(kind, lines);
    const text = () => joinParts(parts, style);
    if (kind === 'code') writer.code(joinCode(lines, style.leading));
    else if (kind === 'heading' && lines.length <= MAX_HEADING_LINES) writer.heading(level ?? 6, text());
    else if (kind === 'note') writeNote(writer, text());
    else if (kind === 'quote') writer.quote(text());
    else if (kind === 'caption') writer.caption(text());
    else this.#paragraph(text());
  }

  #holderOf(kind: Kind, lines: readonly Line[]): number {
    const isApart = this.holder !== -1 || kind === 'heading' || kind === 'note';
    const left = least(lines.map(({ x0 }) => x0));
    const item = isApart ? -1 : this.lists.holderOf(left, this.style.bodySize);
    if (item === -1) this.lists.close();
    return item === -1 ? this.holder : item;
  }

  #paragraph(text: string): void {
    const [first = '', ...rest] = text.split('\n');
    const label = this.#label ?? (ADMONITION.test(first) ? first.replace(/[.:!]$/, '') : undefined);
    const body = this.#label === undefined && label !== undefined ? rest.join('\n') : text;
    this.#label = body === '' ? label : undefined;
    if (label === undefined) this.writer.paragraph(body);
    else if (body !== '') this.writer.note(body, label);
  }

  /** A label that no paragraph follows is one itself. */
  releaseLabel(): void {
    if (this.#label !== undefined) this.writer.paragraph(this.#label);
    this.#label = undefined;
  }
}

function joinParts(parts: readonly (readonly Line[])[], style: Style): string {
  return parts.map((lines) => joinLines(lines, style)).join('\n');
}

function writeNote(writer: DocumentWriter, text: string): void {
  const found = /^\^?(\d{1,3}|[*†‡§]+)\s*(.*)$/s.exec(text);
  writer.note(found?.[2] ?? text, found?.[1]);
}
