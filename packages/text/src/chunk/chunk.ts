/**
 * A piece of a document that is found and cited as a whole.
 *
 * `text` is exactly `document.text.slice(start, end)` (UTF-16 units). Chunks of a document are in reading order
 * (`ordinal` counts from 0), do not overlap, and only white space stands between them, and the heading
 * lines that `heading` repeats.
 */
export interface Chunk {
  readonly ordinal: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Heading path, outermost first: indexed with the chunk, not part of its text. */
  readonly heading: readonly string[];
  /** Indexed with the chunk, but not part of its text: the header of the table that it continues. */
  readonly context: string;
}

/** Size that packing aims at, in UTF-16 units (about 300 tokens of English). */
export const TARGET_CHARS = 1200;

/** No chunk is longer, save a single code block or table row of up to `WHOLE_CHARS`. */
export const MAX_CHARS = 1600;

/** Code blocks and table rows up to this length are never split. */
export const WHOLE_CHARS = 4 * MAX_CHARS;

/** The id of a chunk within its collection; `#` cannot occur in a document's id. */
export function chunkId(documentId: string, ordinal: number): string {
  return `${documentId}#${ordinal}`;
}
