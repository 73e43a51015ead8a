import type { NumberFormat } from '../format-number.ts';
import type { DocumentWriter } from '../writer.ts';

/** A box to be ticked, as letters. */
const BOX = /^[☐☑☒]\s*/;

/** Where an item stands. */
export interface ItemPlace {
  /** Items of one list have the same key. */
  readonly key: string;
  readonly depth: number;
  readonly ordinal?: number | undefined;
  readonly format?: NumberFormat | undefined;
}

interface Level {
  readonly key: string;
  readonly list: number;
  readonly block: number;
  readonly ordinal: number | undefined;
}

/** Writes items that state their level, where nothing says which of them make up one list. */
export class ItemWriter {
  readonly #writer: DocumentWriter;
  #levels: (Level | undefined)[] = [];
  /** The last item with a number of each list, which may go on behind other items. */
  readonly #numbered = new Map<string, Level>();
  #isOpen = false;

  constructor(writer: DocumentWriter) {
    this.#writer = writer;
  }

  /** An item belongs to the list before it when it has the same `key` and follows at once, or counts on. */
  write(text: string, { key, depth, ordinal, format }: ItemPlace): void {
    const list = this.#listOf({ key, depth, ordinal }) ?? this.#writer.openList();
    const outer = this.#levels.slice(0, depth);
    const box = BOX.exec(text)?.[0];
    this.#writer.parent = outer.findLast((level) => level !== undefined)?.block ?? -1;
    const block = this.#writer.item(text.replace(BOX, ''), {
      list,
      depth,
      ordinal,
      format,
      checked: box === undefined ? undefined : !box.startsWith('☐'),
    });
    this.#writer.parent = -1;
    const level = { key, list, block, ordinal };
    this.#levels = [...outer, level];
    this.#numbered.set(`${depth} ${key}`, level);
    this.#isOpen = true;
  }

  /** To be called before a block that is no item. */
  close(): void {
    this.#isOpen = false;
  }

  /** To be called before a heading: what comes below it belongs to no item above. */
  forget(): void {
    this.#levels = [];
    this.#numbered.clear();
  }

  #listOf({ key, depth, ordinal }: ItemPlace): number | undefined {
    const last = ordinal === undefined ? this.#levels[depth] : this.#numbered.get(`${depth} ${key}`);
    const isNext = ordinal === undefined ? this.#isOpen : ordinal === (last?.ordinal ?? 0) + 1;
    return last?.key === key && isNext ? last.list : undefined;
  }
}
