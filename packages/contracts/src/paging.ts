import { z } from 'zod';

/**
 * The query string of every list: `cursor` is the opaque `next_cursor` of the previous answer, `limit` the largest
 * number of items in the answer. It has no OpenAPI name, as OpenAPI spells out each parameter of a query string.
 */
export const PageQuery = z.strictObject({
  cursor: z.string().max(500).optional().describe('The `next_cursor` of the previous answer'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .describe('Largest number of items in the answer'),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** Opaque cursor of the next page of a list; null at the end. */
export const NextCursor = z
  .string()
  .nullable()
  .describe('Pass as cursor to read on; null at the end')
  .meta({ id: 'NextCursor' });
