/** A block of a text, in reading order; offsets are UTF-16 units into the whole text. */
export type Block = HeadingBlock | UnitBlock;

export interface HeadingBlock {
  readonly type: 'heading';
  readonly start: number;
  readonly end: number;
  /** 1 to 6. */
  readonly depth: number;
  /** Without markup. */
  readonly text: string;
}

/** A stretch that packing keeps together where it can. */
export interface UnitBlock {
  readonly type: 'unit';
  readonly start: number;
  readonly end: number;
  /** `whole`: a code block or table row, which is not split below `WHOLE_CHARS`, and then at line ends. */
  readonly kind: 'text' | 'whole';
  /** The table whose row this is. */
  readonly table?: TableHeader | undefined;
}

export interface TableHeader {
  readonly start: number;
  readonly text: string;
}
