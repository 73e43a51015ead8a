import type { DocumentWriter } from '../writer.ts';
import type { Generator } from './generators.ts';
import type { InlineBuffer } from './inline-buffer.ts';
import type { Element } from './tree.ts';

/** A block whose first text has not come yet: an item, a definition, a note. */
export interface Pending {
  readonly write: (text: string) => number;
  /** Whether it is written although it has no text of its own, because what belongs to it follows. */
  readonly standsAlone: boolean;
  /** Writes what it stands for when nothing at all belongs to it. */
  readonly writeAlone?: () => void;
  checked?: boolean;
}

/** The state of the walk through a page, and what its parts need of each other. */
export interface Walk {
  readonly writer: DocumentWriter;
  readonly generator: Generator | undefined;
  readonly language: string | undefined;
  /** Inside of a heading, a cell or a term all is one line. */
  readonly isFlat: boolean;
  readonly buffer: InlineBuffer;
  pending: Pending | undefined;
  listDepth: number;
  /** Kind of the paragraphs that come. */
  textKind: 'paragraph' | 'quote' | 'caption';
  /** Absolute address of a link, for Markdown. */
  resolve(href: string): string;
  /** Links to the element lead to the block that comes next. */
  anchor(element: Element): void;
  children(element: Element): void;
  element(element: Element): void;
  /** Text of an element on one line. */
  flat(element: Element): string;
  /** Text of an element without marks of any kind. */
  plain(element: Element): string;
  /** Writes the text so far as a block. */
  flush(): void;
  /** Also writes what waits for its first text, before a block that is no text. */
  settle(): void;
  /** What `within` writes belongs to the block that `pending` writes. */
  hold(pending: Pending, within: () => void): void;
}
