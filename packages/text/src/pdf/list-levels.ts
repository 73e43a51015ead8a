import type { DocumentWriter } from '../writer.ts';
import type { Marker } from './marker.ts';

interface Level {
  readonly x: number;
  readonly list: number;
  readonly isOrdered: boolean;
  ordinal: number;
  /** Index of the item written last. */
  block: number;
}

/** The lists that are open at a place, by the left edges of their markers. */
export class ListLevels {
  readonly #writer: DocumentWriter;
  #levels: Level[] = [];

  constructor(writer: DocumentWriter) {
    this.#writer = writer;
  }

  item({ ordinal, x, rest }: Marker, text: string): void {
    const near = 0.6 * rest.size;
    this.#levels = this.#levels.filter((level) => level.x < x + near);
    const last = this.#levels.at(-1);
    const isOrdered = ordinal !== undefined;
    const isSameList =
      last !== undefined &&
      last.x > x - near &&
      last.isOrdered === isOrdered &&
      (ordinal ?? 2) > (last.ordinal ?? 0);
    if (last !== undefined && last.x > x - near && !isSameList) this.#levels.pop();
    if (!isSameList)
      this.#levels.push({ x, list: this.#writer.openList(), isOrdered, ordinal: 0, block: -1 });
    const level = this.#levels.at(-1);
    if (level === undefined) return;
    level.ordinal = ordinal ?? 0;
    this.#writer.parent = this.#levels.at(-2)?.block ?? -1;
    level.block = this.#writer.item(text, { list: level.list, depth: this.#levels.length - 1, ordinal });
  }

  /** Whether a marker goes on with a list that is open. */
  expects({ ordinal, x, rest }: Marker): boolean {
    return this.#levels.some((level) => Math.abs(level.x - x) < rest.size && level.ordinal + 1 === ordinal);
  }

  /** The item that text which begins at `x` belongs to; -1 for none. */
  holderOf(x: number, size: number): number {
    return this.#levels.findLast((level) => x > level.x + 0.5 * size)?.block ?? -1;
  }

  close(): void {
    this.#levels = [];
  }
}
