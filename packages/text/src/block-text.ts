import type { Block } from '@xnai/contracts';
import { ReadError } from './read-error.ts';
import { clean } from './stored-form.ts';

/** What is said of a block beside its place. */
export type Fields<B extends Block = Block> = B extends Block
  ? Omit<B, 'start' | 'end' | 'bodyStart' | 'bodyEnd' | 'section' | 'parent' | 'page'>
  : never;

export interface Stored {
  /** "## ", "- ", "**term**: " or an opening fence. */
  readonly prefix?: string;
  readonly body: string;
  readonly suffix?: string;
}

export interface Place extends Pick<Block, 'section' | 'parent'> {
  readonly page: number | undefined;
  /** Where the text of the item begins that holds the block, in characters from the start of the line. */
  readonly column: number;
}

/** Deeper items keep this indentation: text grows with the number of items, not with their depth. */
const MAX_INDENT = 40;

/** In UTF-16 units. No document needs as much; a small file may say one long text many times. */
const MAX_TEXT = 64 * 1024 ** 2;

/** A text and the blocks in it, which grow together. */
export class BlockText {
  readonly blocks: Block[] = [];
  readonly #isRendered: boolean;
  readonly #parts: string[] = [];
  readonly #anchors = new Map<string, number>();
  #length = 0;
  #waitingAnchors: string[] = [];

  constructor({ isRendered }: { readonly isRendered: boolean }) {
    this.#isRendered = isRendered;
  }

  put(fields: Fields, { prefix = '', body, suffix = '' }: Stored, place: Place): number {
    const column = Math.min(place.column, MAX_INDENT);
    const isNested = this.#isRendered && column > 0;
    const indent = fields.kind === 'item' || isNested ? ' '.repeat(column) : '';
    const inLine = (part: string) => (isNested ? part.replaceAll('\n', `\n${indent}`) : part);
    this.#separate(fields);
    this.#append(indent);
    const start = this.#length;
    this.#placeAnchors(start);
    this.#append(inLine(prefix));
    const bodyStart = this.#length;
    this.#append(inLine(body));
    const bodyEnd = this.#length;
    this.#append(inLine(suffix));
    const { section, parent, page } = place;
    const position = { start, end: this.#length, bodyStart, bodyEnd, section, parent };
    this.blocks.push({ ...fields, ...position, ...(page !== undefined && { page }) } as Block);
    return this.blocks.length - 1;
  }

  /** The first place of a name counts. */
  anchor(id: string): void {
    this.#waitingAnchors.push(clean(id));
  }

  end(): { readonly text: string; readonly anchors: Record<string, number> } {
    this.#writeRule();
    this.#placeAnchors(this.#length);
    return { text: this.#parts.join(''), anchors: Object.fromEntries(this.#anchors) };
  }

  #separate(next: Fields): void {
    const last = this.blocks.at(-1);
    if (last === undefined) return;
    const isSameTable = last.kind === 'row' && next.kind === 'row' && last.table === next.table;
    if (!(isSameTable && next.isHeader)) this.#writeRule();
    this.#append(isSameTable || isTight(last, next) ? '\n' : '\n\n');
  }

  /** The line of dashes below the header of a table. */
  #writeRule(): void {
    const last = this.blocks.at(-1);
    if (last?.kind !== 'row') return;
    const above = this.blocks.at(-2);
    const isFirst = above?.kind !== 'row' || above.table !== last.table;
    if (!last.isHeader && !(this.#isRendered && isFirst)) return;
    this.#append(`\n|${' --- |'.repeat(last.cells.length)}`);
  }

  #append(text: string): void {
    if (text === '') return;
    this.#length += text.length;
    if (this.#length > MAX_TEXT) {
      throw new ReadError('DOCUMENT_TOO_LARGE', {
        detail: 'The text of the document is longer than 64 Mi characters',
      });
    }
    this.#parts.push(text);
  }

  #placeAnchors(offset: number): void {
    for (const id of this.#waitingAnchors) if (!this.#anchors.has(id)) this.#anchors.set(id, offset);
    this.#waitingAnchors = [];
  }
}

/** Whether two blocks stand on lines that follow each other, without a blank line between. */
function isTight(last: Fields, next: Fields): boolean {
  if (last.kind === 'metadata') return next.kind === 'metadata';
  if (last.kind !== 'item' || next.kind !== 'item') return false;
  return last.list === next.list || last.depth !== next.depth;
}
