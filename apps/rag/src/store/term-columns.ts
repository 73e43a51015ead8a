/** Raised whenever `analyse` cuts text into other terms, or these are kept in other columns. */
export const TERMS_VERSION = 2;

/**
 * How much a term counts by the column that holds it; in the order of the columns, the last of which version 1 lacks. Set
 * by hand, and varied by `npm run eval -- weights`.
 */
export const COLUMN_WEIGHTS = { title: 2, heading: 1, body: 1, context: 1, parts: 0.5 } as const;
