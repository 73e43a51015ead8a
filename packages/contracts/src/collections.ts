import { z } from 'zod';
import { CollectionName } from './names.ts';
import { NextCursor } from './paging.ts';

/** A chunk that the embedding model cannot read, so that only its words find it. */
export const QuarantinedChunk = z
  .object({
    document_id: z.string().describe('Document of the chunk'),
    chunk_id: z.string().describe('The chunk'),
    reason: z.string().describe('Why the model cannot embed it'),
  })
  .meta({ id: 'QuarantinedChunk' });

/** A collection with its counts. */
export const Collection = z
  .object({
    name: CollectionName,
    documents: z.int().describe('Number of documents'),
    chunks: z.int().describe('Number of chunks'),
    bytes: z.int().describe('UTF-8 bytes of the stored texts'),
    updated_at: z.iso.datetime().describe('When a document was last put or deleted'),
    embedding_model: z.string().nullable().describe('Model of its vectors; null where none were made'),
    embedding_dimensions: z.int().nullable().describe('Length of a vector'),
    embedded_chunks: z.int().describe('Number of chunks that have a vector of this model'),
    divided_chunks: z
      .int()
      .describe(
        'Those of them that are longer than the context of the model: their vector is the mean of parts',
      ),
    quarantined_chunks: z.int().describe('Number of chunks that this model cannot embed'),
    quarantined: z
      .array(QuarantinedChunk)
      .optional()
      .describe('The first 20 of them, where one collection is asked for'),
  })
  .meta({ id: 'Collection' });
export type Collection = z.infer<typeof Collection>;

/** `collection`: at once, and whenever its figures have changed. */
export const COLLECTION_EVENTS = { collection: Collection } as const;

/** One page of collections, by name. */
export const CollectionList = z
  .object({ collections: z.array(Collection).describe('By name'), next_cursor: NextCursor })
  .meta({ id: 'CollectionList' });
export type CollectionList = z.infer<typeof CollectionList>;
