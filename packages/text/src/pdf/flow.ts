import type { DocumentWriter } from '../writer.ts';
import { type Place, rightEdge, stepTo } from './continues.ts';
import { least } from './extent.ts';
import { joinCode, joinLines } from './join-lines.ts';
import type { Element } from './layout.ts';
import { ListLevels } from './list-levels.ts';
import { type Marker, markerOf, withoutLeaders } from './marker.ts';
import type { Line, Table } from './rows.ts';
import type { Style } from './style.ts';

type Kind = 'paragraph' | 'heading' | 'item' | 'code' | 'note' | 'quote' | 'caption';

interface OpenBlock extends Place {
  readonly kind: Kind;
  /** Lines that end where the text says so are parts: within one, lines run on. */
  readonly parts: Line[][];
  readonly level?: number;
  readonly marker?: Marker;
}

const ADMONITION =
  /^(?:note|warning|tip|caution|important|attention|danger|hint|hinweis|warnung|achtung|remarque|avertissement|nota|advertencia|注意|警告|ヒント)[.:!]?$/i;
/** More lines than this that stand out are no heading. */
const MAX_HEADING_LINES = 4;

/** Makes blocks out of lines in reading order. A block stays open until a line shows that it has ended. */
export class Flow {
  readonly writer: DocumentWriter;
  readonly style: Style;
  readonly lists: ListLevels;
  /** Item of a tagged list that the blocks to come belong to; -1 for none. */
  holder = -1;
  #open: OpenBlock | undefined;
  #notes: OpenBlock[] = [];
  /** "Note" on a line of its own: the label of the paragraph that follows. */
  #label: string | undefined;
  #table: { id: number; columns: number; header: string; page: number } | undefined;

  constructor(writer: DocumentWriter, style: Style) {
    this.writer = writer;
    this.style = style;
    this.lists = new ListLevels(writer);
  }

  add(elements: readonly Element[]): void {
    for (const [index, element] of elements.entries()) {
      if (element.kind === 'table') this.table(element.table, element.page);
      else this.#line(element.line, { ...element, right: rightEdge(elements, index) });
    }
  }

  /** A note at the foot of a page stands after the paragraph that the page ends in. */
  note(lines: readonly Line[], place: Place): void {
    this.#notes.push({ kind: 'note', parts: [[...lines]], ...pick(place) });
  }

  /** A whole block, as tags know it. */
  put(kind: Kind, lines: readonly Line[], place: Place, level?: number): void {
    const first = lines[0];
    if (first === undefined) return;
    const open = this.#open;
    if (
      kind === 'paragraph' &&
      open?.kind === 'paragraph' &&
      open.page < place.page &&
      this.#step(first, place, open) === 'same-block'
    ) {
      open.parts.at(-1)?.push(...lines);
      return;
    }
    this.close();
    this.#open = { kind, parts: [[...lines]], ...pick(place), ...(level !== undefined && { level }) };
  }

  table({ cells, hasHeader }: Table, page: number): void {
    const before = this.#table;
    this.close();
    this.#releaseLabel();
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

  textOf(lines: readonly Line[]): string {
    return joinLines(lines, this.style);
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) this.#write(open);
    for (const note of this.#notes.splice(0)) this.#write(note);
  }

  end(): void {
    this.close();
    this.#releaseLabel();
  }

  #line(line: Line, place: Place): void {
    const open = this.#open;
    const step = open === undefined ? 'new-block' : this.#step(line, place, open);
    if (line.isEntry) {
      this.#entry(line, place);
      return;
    }
    const level = this.#headingLevel(line, place, step);
    const isInline = step === 'same-block' && open?.kind !== 'code';
    const isCode = this.style.isCode(line) && !isInline;
    const marker = isCode || level !== undefined ? undefined : this.#markerOf(line, step);
    if (level !== undefined) this.#heading(line, level, place);
    else if (isCode) this.#code(line, place);
    else if (marker !== undefined) this.#start({ kind: 'item', parts: [[]], marker }, place);
    else if (open === undefined || step === 'new-block' || open.kind === 'code' || open.kind === 'heading') {
      this.#start({ kind: 'paragraph', parts: [[line]] }, place);
    } else if (step === 'new-line') open.parts.push([line]);
    else open.parts.at(-1)?.push(line);
  }

  #entry(line: Line, place: Place): void {
    const { line: rest, dots } = withoutLeaders(line);
    this.#start({ kind: 'item', parts: [[]], marker: { ordinal: undefined, x: line.x0, rest } }, place);
    this.writer.lose('leaders', dots);
  }

  #heading(line: Line, level: number, place: Place): void {
    const open = this.#open;
    const isSame = open?.kind === 'heading' && open.level === level && open.region === place.region;
    if (isSame && isNear(line, open, 1.6 * this.style.leading)) open.parts.at(-1)?.push(line);
    else this.#start({ kind: 'heading', parts: [[line]], level }, place);
  }

  #code(line: Line, place: Place): void {
    const open = this.#open;
    const isSame =
      open?.kind === 'code' &&
      (open.region === place.region
        ? isNear(line, open, 3.4 * this.style.leading)
        : place.page - open.page <= 1);
    if (isSame) open.parts.at(-1)?.push(line);
    else this.#start({ kind: 'code', parts: [[line]] }, place);
  }

  #start(block: Omit<OpenBlock, keyof Place>, place: Place): void {
    this.close();
    this.#open = { ...block, ...pick(place) };
  }

  #step(line: Line, place: Place, open: OpenBlock) {
    const lines = open.parts.flat();
    const last = lines.at(-1) ?? open.marker?.rest ?? line;
    const isFirst = lines.length <= (open.marker === undefined ? 1 : 0);
    return stepTo(line, place, { ...pick(open), line: last, isFirst, markerX: open.marker?.x }, this.style);
  }

  /** Bold letters as large as the body make a heading only where the block before has ended. */
  #headingLevel(line: Line, place: Place, step: string): number | undefined {
    if (ADMONITION.test(line.text)) return undefined;
    if (step === 'same-block' && this.#open?.kind !== 'heading' && line.size < 1.12 * this.style.bodySize)
      return undefined;
    return this.style.headingLevel(line, place.page);
  }

  /** "3." begins an item where a block begins or the list has come to 2.; elsewhere it is the end of a sentence. */
  #markerOf(line: Line, step: string): Marker | undefined {
    const marker = this.style.isCode(line) ? undefined : markerOf(line);
    if (marker === undefined || step === 'new-block' || this.#open?.kind === 'heading') return marker;
    if (marker.ordinal === undefined)
      return /^[*–—-]/.test(line.text) && this.#open?.kind !== 'item' ? undefined : marker;
    return this.lists.expects(marker) || (marker.ordinal === 1 && step === 'new-line') ? marker : undefined;
  }

  #write(block: OpenBlock): void {
    const { kind, parts, page, level, marker } = block;
    const { writer, style } = this;
    const lines = parts.flat();
    this.#table = undefined;
    if (kind !== 'paragraph') this.#releaseLabel();
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
  #releaseLabel(): void {
    if (this.#label !== undefined) this.writer.paragraph(this.#label);
    this.#label = undefined;
  }
}

/** @param limit as a multiple of the size of the letters */
function isNear(line: Line, { parts }: OpenBlock, limit: number): boolean {
  const distance = line.y - (parts.at(-1)?.at(-1)?.y ?? line.y);
  return distance > 0 && distance < limit * line.size;
}

function joinParts(parts: readonly (readonly Line[])[], style: Style): string {
  return parts.map((lines) => joinLines(lines, style)).join('\n');
}

function writeNote(writer: DocumentWriter, text: string): void {
  const found = /^\^?(\d{1,3}|[*†‡§]+)\s*(.*)$/s.exec(text);
  writer.note(found?.[2] ?? text, found?.[1]);
}

function pick({ page, region, right }: Place): Place {
  return { page, region, right };
}
