import type { Font, Fragment } from './load-page.ts';

/** A stretch of text on one line that no wide gap interrupts. */
export interface Segment {
  readonly fragments: readonly Fragment[];
  /** Stands in the place of a table with lines. */
  readonly table?: Table;
  readonly x0: number;
  readonly x1: number;
}

export interface Table {
  readonly cells: readonly (readonly (readonly Line[])[])[];
  readonly hasHeader: boolean;
}

export interface LineRun {
  readonly text: string;
  readonly font: Font;
  readonly shift: 'up' | 'down' | undefined;
}

/** A line of one column, from the text of its segments. */
export interface Line {
  readonly runs: readonly LineRun[];
  readonly text: string;
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  /** Of most of its letters. */
  readonly size: number;
  readonly isBold: boolean;
  readonly isFixedPitch: boolean;
  /** Average width of a letter. */
  readonly pitch: number;
  /** Whether it has a gap as wide as two letters are high: words that run on have none. */
  readonly hasGap: boolean;
  /** Of a line of code, where it stands before it. */
  readonly number?: string;
  /** Entry of a table of contents: its title, its dots and its page. */
  readonly isEntry?: boolean;
}
