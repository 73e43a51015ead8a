import { z } from 'zod';

/** How lists are asked for: `cursor` is the opaque `next_cursor` of the previous answer. */
export const PageQuery = z.strictObject({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const NextCursor = z.string().nullable().describe('Pass as cursor to read on; null at the end');
