import type { DocumentWriter } from '../writer.ts';
import { ADMONITION, BlockWriter, type Kind, type PdfBlock } from './block-writer.ts';
import { type PageRegion, rightEdge, stepTo } from './continues.ts';
import { joinLines } from './join-lines.ts';
import type { Element } from './layout.ts';
import type { Line, Table } from './line-parts.ts';
import { type Marker, markerOf, withoutLeaders } from './marker.ts';
import type { Style } from './style.ts';

/** Makes blocks out of lines in reading order. A block stays open until a line shows that it has ended. */
export class Flow {
  readonly writer: DocumentWriter;
  readonly style: Style;
  readonly blocks: BlockWriter;
  #open: PdfBlock | undefined;
  #notes: PdfBlock[] = [];

  constructor(writer: DocumentWriter, style: Style) {
    this.writer = writer;
    this.style = style;
    this.blocks = new BlockWriter(writer, style);
  }

  add(elements: readonly Element[]): void {
    for (const [index, element] of elements.entries()) {
      if (element.kind === 'table') this.table(element.table, element.page);
      else this.#line(element.line, { ...element, right: rightEdge(elements, index) });
    }
  }

  /** A note at the foot of a page stands after the paragraph that the page ends in. */
  note(lines: readonly Line[], place: PageRegion): void {
    this.#notes.push({ kind: 'note', parts: [[...lines]], ...pick(place) });
  }

  /** A whole block, as tags know it. */
  put(kind: Kind, lines: readonly Line[], place: PageRegion, level?: number): void {
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

  table(table: Table, page: number): void {
    this.close();
    this.blocks.table(table, page);
  }

  textOf(lines: readonly Line[]): string {
    return joinLines(lines, this.style);
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) this.blocks.write(open);
    for (const note of this.#notes.splice(0)) this.blocks.write(note);
  }

  end(): void {
    this.close();
    this.blocks.releaseLabel();
  }

  #line(line: Line, place: PageRegion): void {
    const open = this.#open;
    const step = open === undefined ? 'new-block' : this.#step(line, place, open);
    if (line.isEntry) {
      this.#entry(line, place);
      return;
    }
    if (open?.kind === 'code' && isNextNumber(line, open)) {
      this.writer.lose('line-numbers', line.text.length);
      open.parts.at(-1)?.push({ ...line, text: '', number: line.text });
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

  #entry(line: Line, place: PageRegion): void {
    const { line: rest, dots } = withoutLeaders(line);
    this.#start({ kind: 'item', parts: [[]], marker: { ordinal: undefined, x: line.x0, rest } }, place);
    this.writer.lose('leaders', dots);
  }

  #heading(line: Line, level: number, place: PageRegion): void {
    const open = this.#open;
    const isSame = open?.kind === 'heading' && open.level === level && open.region === place.region;
    if (isSame && isNear(line, open, 1.6 * this.style.leading)) open.parts.at(-1)?.push(line);
    else this.#start({ kind: 'heading', parts: [[line]], level }, place);
  }

  #code(line: Line, place: PageRegion): void {
    const open = this.#open;
    this.writer.lose('line-numbers', line.number?.length ?? 0);
    const isSame =
      open?.kind === 'code' &&
      (open.region === place.region
        ? isNear(line, open, 3.4 * this.style.leading)
        : place.page - open.page <= 1);
    if (isSame) open.parts.at(-1)?.push(line);
    else this.#start({ kind: 'code', parts: [[line]] }, place);
  }

  #start(block: Omit<PdfBlock, keyof PageRegion>, place: PageRegion): void {
    this.close();
    this.#open = { ...block, ...pick(place) };
  }

  #step(line: Line, place: PageRegion, open: PdfBlock) {
    const lines = open.parts.flat();
    const last = lines.at(-1) ?? open.marker?.rest ?? line;
    const isFirst = lines.length <= (open.marker === undefined ? 1 : 0);
    return stepTo(line, place, { ...pick(open), line: last, isFirst, markerX: open.marker?.x }, this.style);
  }

  /** Bold letters as large as the body make a heading only where the block before has ended. */
  #headingLevel(line: Line, place: PageRegion, step: string): number | undefined {
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
    return this.blocks.lists.expects(marker) || (marker.ordinal === 1 && step === 'new-line')
      ? marker
      : undefined;
  }
}

/** The number of a line of code that is blank. */
function isNextNumber({ text }: Line, { parts }: PdfBlock): boolean {
  const before = parts.at(-1)?.at(-1)?.number;
  return before !== undefined && /^\d+$/.test(text) && Number(text) === Number(before) + 1;
}

/** @param limit as a multiple of the size of the letters */
function isNear(line: Line, { parts }: PdfBlock, limit: number): boolean {
  const distance = line.y - (parts.at(-1)?.at(-1)?.y ?? line.y);
  return distance > 0 && distance < limit * line.size;
}

function pick({ page, region, right }: PageRegion): PageRegion {
  return { page, region, right };
}
