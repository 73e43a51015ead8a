import { z } from 'zod';
import { CollectionName, DocumentId } from './names.ts';
import { NextCursor } from './paging.ts';

/** Media types that are indexed. */
export const ContentType = z.enum(['text/markdown', 'text/html', 'text/plain']).meta({ id: 'ContentType' });
export type ContentType = z.infer<typeof ContentType>;

/** Free key-value data kept with a document; searchable by `filter`. */
export const Metadata = z
  .record(z.string().min(1).max(100), z.union([z.string().max(2000), z.number(), z.boolean()]))
  .meta({ id: 'Metadata' });
export type Metadata = z.infer<typeof Metadata>;

/** A document as it is put. */
export const DocumentInput = z
  .strictObject({
    content: z.string().describe('The document itself, at most 10 MiB'),
    content_type: ContentType,
    title: z.string().max(1000).optional(),
    url: z.url().max(2000).optional(),
    metadata: Metadata.optional(),
  })
  .meta({ id: 'DocumentInput' });
export type DocumentInput = z.infer<typeof DocumentInput>;

/** What became of a document that was put; `chunks` is their number. */
export const IngestResult = z
  .object({
    id: DocumentId,
    collection: CollectionName,
    status: z.enum(['indexed', 'unchanged']),
    chunks: z.int(),
    content_hash: z.string().describe('SHA-256, hex, of content, content type, title and url'),
  })
  .meta({ id: 'IngestResult' });
export type IngestResult = z.infer<typeof IngestResult>;

/** A document without its text; `bytes` is the UTF-8 size of the text. */
export const DocumentSummary = z
  .object({
    id: DocumentId,
    collection: CollectionName,
    title: z.string().nullable(),
    url: z.string().nullable(),
    content_type: ContentType,
    content_hash: z.string(),
    bytes: z.int(),
    chunks: z.int(),
    metadata: Metadata,
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'DocumentSummary' });
export type DocumentSummary = z.infer<typeof DocumentSummary>;

/** A chunk of a document; `start` and `end` are UTF-16 offsets into the document's `text`. */
export const ChunkView = z
  .object({
    chunk_id: z.string(),
    heading: z.array(z.string()).describe('Heading path, outermost first'),
    text: z.string(),
    start: z.int(),
    end: z.int(),
  })
  .meta({ id: 'ChunkView' });
export type ChunkView = z.infer<typeof ChunkView>;

/** A document with its stored text and its chunks. */
export const Document = DocumentSummary.omit({ chunks: true })
  .extend({
    text: z.string().describe('The stored text that all offsets refer to'),
    chunks: z.array(ChunkView),
  })
  .meta({ id: 'Document' });
export type Document = z.infer<typeof Document>;

/** One page of documents, by id. */
export const DocumentList = z
  .object({ documents: z.array(DocumentSummary), next_cursor: NextCursor })
  .meta({ id: 'DocumentList' });
export type DocumentList = z.infer<typeof DocumentList>;
