import type { Cell, Row } from './table-rows.ts';
import type { Walk } from './walk.ts';

interface Carried {
  readonly text: string;
  rows: number;
}

/** Reads the texts of rows one after another, with what reaches into them from the rows above. */
export class RowReader {
  readonly #walk: Walk;
  readonly #carried: (Carried | undefined)[] = [];

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
    return texts;
  }

  #add({ element, columns, rows }: Cell, texts: string[], isHeader: boolean): void {
    this.#walk.anchor(element);
    const text = this.#walk.flat(element);
    const { repeats } = this.#walk.writer;
    repeats.allowFor(text);
    for (let column = 0; column < columns; column += 1) {
      // Each column has the name above it; a value stands in the first of its columns.
      const own = column === 0 || isHeader ? text : '';
      const shown = column === 0 ? text : repeats.repeat(own);
      if (shown === undefined) return;
      if (rows > 1) this.#carried[texts.length] = { text: own, rows: rows - 1 };
      texts.push(shown);
    }
  }

  /** A cell that reaches into this row says in it what it says in its first. */
  #takeCarried(texts: string[]): void {
    for (;;) {
      const above = this.#carried[texts.length];
      if (above === undefined || above.rows === 0) return;
      const text = this.#walk.writer.repeats.repeat(above.text);
      if (text === undefined) return;
      above.rows -= 1;
      texts.push(text);
    }
  }
}
