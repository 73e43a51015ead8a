/** Longer texts are not repeated in each row that they reach into. */
const MAX_REPEATED_CHARS = 200;
/** What stands between two cells of a row, which an empty cell adds as well. */
const SEPARATOR_CHARS = ' | '.length;
/** The longest text that is repeated in a thousand rows: more than a table has that is read by people. */
const FREE_CHARS = 1_000 * MAX_REPEATED_CHARS;
/** A sheet of any length may repeat a name in each row beside a value of its own; few names are longer than this. */
const CHARS_PER_CELL = 100;

/**
 * How much text the cells of a document may add by standing in more than one place. A file of a few bytes may state that
 * a cell spans a million rows: what is repeated is in proportion to what the file itself says.
 */
export class RepeatBudget {
  #leftChars = FREE_CHARS;

  /** Counts a cell of the file, which allows for more repeats where it has a text. */
  allowFor(text: string): void {
    if (text.trim() !== '') this.#leftChars += CHARS_PER_CELL;
  }

  /** Text of a cell in another place: empty for a long one, undefined when nothing more is repeated. */
  repeat(text: string): string | undefined {
    const again = text.length <= MAX_REPEATED_CHARS ? text : '';
    const cost = again.length + SEPARATOR_CHARS;
    if (cost > this.#leftChars) return undefined;
    this.#leftChars -= cost;
    return again;
  }

  /** A row in another place; undefined when nothing more is repeated. */
  repeatAll<Cell extends { readonly text: string }>(
    cells: readonly Cell[],
  ): (Cell & { readonly isRepeated: true })[] | undefined {
    const repeated: (Cell & { readonly isRepeated: true })[] = [];
    for (const cell of cells) {
      const text = this.repeat(cell.text);
      if (text === undefined) return undefined;
      repeated.push({ ...cell, text, isRepeated: true });
    }
    return repeated;
  }
}
