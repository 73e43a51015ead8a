/** Raised whenever `analyse` cuts text into other terms, or these are kept in other columns. */
export const TERMS_VERSION = 2;

/**
 * How much a term counts by the column that holds it; in the order of the columns, the last of which version 1 lacks. Set
 * by hand. By `npm run eval -- weights` over the manuals and Cranfield, of 351 searches and answers are others without
 *   title    256; nDCG@10 of Cranfield .387 → .337
 *   heading   30; MRR of how-to .703 → .694, of git .760 → .739
 *   context    4; MRR of how-to .703 → .705: the header of a table that a chunk continues
 *   parts     79; MRR of how-to .703 → .682, of git .760 → .705
 */
export const COLUMN_WEIGHTS = { title: 2, heading: 1, body: 1, context: 1, parts: 0.5 } as const;
