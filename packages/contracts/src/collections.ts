import { z } from 'zod';
import { CollectionName } from './names.ts';
import { NextCursor } from './paging.ts';

/** A collection with its counts. */
export const Collection = z
  .object({
    name: CollectionName,
    documents: z.int(),
    chunks: z.int(),
    bytes: z.int().describe('UTF-8 bytes of the stored texts'),
    updated_at: z.iso.datetime(),
    embedding_model: z.string().nullable(),
  })
  .meta({ id: 'Collection' });
export type Collection = z.infer<typeof Collection>;

/** One page of collections, by name. */
export const CollectionList = z
  .object({ collections: z.array(Collection), next_cursor: NextCursor })
  .meta({ id: 'CollectionList' });
export type CollectionList = z.infer<typeof CollectionList>;
