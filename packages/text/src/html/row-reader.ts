import type { Cell, Row } from './table-rows.ts';
import type { Walk } from './walk.ts';

interface Carried {
  readonly text: string;
  rows: number;
}

/** Longer texts are not repeated in each row that they reach into. */
const MAX_REPEATED = 200;

/** Reads the texts of rows one after another, with what reaches into them from the rows above. */
export class RowReader {
  readonly #walk: Walk;
  readonly #carried: (Carried | undefined)[] = [];
  /** Cells that stand for others: a page must not grow by what it says of its spans. */
  #repeats = 1000;

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  read({ element, cells }: Row, isHeader: boolean): string[] {
    this.#walk.anchor(element);
    const texts: string[] = [];
    this.#takeCarried(texts);
    for (const cell of cells) {
      this.#add(cell, texts, isHeader);
      this.#takeCarried(texts);
    }
    this.#repeats += cells.length;
    return texts;
  }

  #add({ element, columns, rows }: Cell, texts: string[], isHeader: boolean): void {
    this.#walk.anchor(element);
    const text = this.#walk.flat(element);
    const again = text.length <= MAX_REPEATED ? text : '';
    const width = Math.min(columns, Math.max(1, this.#repeats));
    for (let column = 0; column < width; column += 1) {
      // Each column has the name above it; a value stands in the first of its columns.
      const isNamed = column === 0 || isHeader;
      if (rows > 1) this.#carried[texts.length] = { text: isNamed ? again : '', rows: rows - 1 };
      texts.push(column === 0 ? text : isNamed ? again : '');
    }
    this.#repeats -= width - 1;
  }

  /** A cell that reaches into this row says in it what it says in its first. */
  #takeCarried(texts: string[]): void {
    for (;;) {
      const above = this.#carried[texts.length];
      if (above === undefined || above.rows === 0 || this.#repeats <= 0) return;
      above.rows -= 1;
      this.#repeats -= 1;
      texts.push(above.text);
    }
  }
}
