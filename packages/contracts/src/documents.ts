import { z } from 'zod';
import { CollectionName, DocumentId } from './names.ts';
import { NextCursor, PageQuery } from './paging.ts';
import { Problem } from './problem.ts';
import { TextDocument } from './text-document.ts';

const OPEN_XML = 'application/vnd.openxmlformats-officedocument';

/** Media types of text, which `content` may hold as it is. */
export const TEXT_TYPES = [
  'text/markdown',
  'text/html',
  'application/xhtml+xml',
  'text/plain',
  'text/csv',
  'text/tab-separated-values',
  'application/json',
  'application/x-ndjson',
  'text/x-rst',
  'message/rfc822',
  'application/mbox',
] as const;

/** Media types of files that are no text, which `content` holds in base64. */
export const BINARY_TYPES = [
  'application/pdf',
  `${OPEN_XML}.wordprocessingml.document`,
  `${OPEN_XML}.spreadsheetml.sheet`,
  `${OPEN_XML}.presentationml.presentation`,
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
  'application/epub+zip',
] as const;

/** Media types that are read. */
export const ContentType = z
  .enum([...TEXT_TYPES, ...BINARY_TYPES])
  .meta({ id: 'ContentType', description: 'Media type of a document that is read' });
export type ContentType = z.infer<typeof ContentType>;

export const Metadata = z
  .record(z.string().min(1).max(100), z.union([z.string().max(2000), z.number(), z.boolean()]))
  .meta({ id: 'Metadata', description: 'Free key-value data kept with a document; searchable by `filter`' });
export type Metadata = z.infer<typeof Metadata>;

const Title = z.string().max(1000).describe('Title of the document; without it, the one that it has itself');
const Url = z.url().max(2000).describe('Where the document comes from; citations show it');
const about = { title: Title.optional(), url: Url.optional(), metadata: Metadata.optional() };

/** A document as it is put. */
export const DocumentInput = z
  .strictObject({
    content: z.string().describe('The document itself, at most 10 MiB'),
    content_type: ContentType,
    encoding: z
      .literal('base64')
      .optional()
      .describe('How `content` holds bytes; needed for files that are no text'),
    ...about,
  })
  .refine(({ content_type, encoding }) => encoding === 'base64' || !isBinary(content_type), {
    path: ['encoding'],
    message: 'expected "base64" for this content_type',
  })
  .meta({ id: 'DocumentInput' });
export type DocumentInput = z.infer<typeof DocumentInput>;

function isBinary(type: ContentType): boolean {
  return (BINARY_TYPES as readonly string[]).includes(type);
}

const MetadataText = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a JSON object' });
      return z.NEVER;
    }
  })
  .pipe(Metadata);

/** What may be said of a document that comes as its bytes: in the query, or as fields of a form. */
export const DocumentFields = z.strictObject({
  title: Title.optional(),
  url: Url.optional(),
  metadata: MetadataText.optional().describe('As JSON'),
});
export type DocumentFields = z.infer<typeof DocumentFields>;

/** Of a delivered page; more are not kept. */
export const MAX_LINKS = 5000;

/** A document that was read before, as the crawler delivers it with the type `TEXT_DOCUMENT_TYPE`. */
export const DeliveredDocument = z
  .strictObject({
    document: TextDocument.describe('The document as it was read'),
    content_type: z
      .string()
      .regex(/^[\w.+-]+\/[\w.+-]+$/)
      .max(200)
      .default('text/html')
      .describe('Media type that the document was read from'),
    ...about,
    links: z
      .array(z.string().regex(/^\S{1,2000}$/))
      .max(MAX_LINKS)
      .optional()
      .describe('Where the page leads, kept to follow them while the page has not changed'),
  })
  .meta({ id: 'DeliveredDocument' });
export type DeliveredDocument = z.input<typeof DeliveredDocument>;

/**
 * What became of a document that was put; `chunks` is their number. `joined`: another page of the web in the collection
 * has the same text, and the two are one document.
 */
export const IngestResult = z
  .object({
    id: DocumentId,
    collection: CollectionName,
    status: z
      .enum(['indexed', 'unchanged', 'joined'])
      .describe(
        '`unchanged`: the same content was there. `joined`: another page of the web in the collection has the same text, and the two are one document',
      ),
    kept_as: DocumentId.optional().describe('Id of the document that a page was joined to'),
    chunks: z.int().describe('Number of chunks'),
    content_hash: z
      .string()
      .describe(
        'SHA-256, hex, of content, content type, title, url and the version of how documents are read',
      ),
  })
  .meta({ id: 'IngestResult' });
export type IngestResult = z.infer<typeof IngestResult>;

/** What became of one of several files of a form. */
export const UploadedFile = z
  .union([
    IngestResult.extend({ file_name: z.string().describe('As it was sent') }),
    z.object({ file_name: z.string().describe('As it was sent'), error: Problem }),
  ])
  .meta({ id: 'UploadedFile', description: 'What became of one of several files of a form' });
export type UploadedFile = z.infer<typeof UploadedFile>;

/** What became of each file of a form with several, in its order. */
export const UploadResult = z
  .object({ files: z.array(UploadedFile).describe('What became of each file, in the order of the form') })
  .meta({ id: 'UploadResult' });
export type UploadResult = z.infer<typeof UploadResult>;

/** Largest document, in bytes: of its text in UTF-8, or of its file. */
export const MAX_DOCUMENT_BYTES = 10 * 1024 ** 2;

/** Documents of one batch. */
export const MAX_BATCH = 10_000;

/** One line of the answer to a batch; `line` counts from 1. */
export const BatchResult = z
  .union([
    IngestResult.extend({ line: z.int().describe('Number of the line, from 1') }),
    z.object({
      line: z.int().describe('Number of the line, from 1'),
      id: DocumentId.optional(),
      error: Problem,
    }),
  ])
  .meta({ id: 'BatchResult', description: 'One line of the answer to a batch' });
export type BatchResult = z.infer<typeof BatchResult>;

/** A document without its text; `bytes` is the UTF-8 size of the text. */
export const DocumentSummary = z
  .object({
    id: DocumentId,
    collection: CollectionName,
    title: z.string().nullable().describe('As it was given, or the one that it has itself'),
    url: z.string().nullable().describe('Where it comes from; null for a document that was put without one'),
    content_type: z.string().describe('Media type that the document was read from'),
    content_hash: z.string().describe('SHA-256, hex, as in the answer to a PUT'),
    bytes: z.int().describe('UTF-8 size of its text'),
    chunks: z.int().describe('Number of chunks'),
    metadata: Metadata,
    updated_at: z.iso.datetime().describe('When it was last put'),
  })
  .meta({ id: 'DocumentSummary' });
export type DocumentSummary = z.infer<typeof DocumentSummary>;

/** A chunk of a document; `start` and `end` are UTF-16 offsets into the document's `text`. */
export const ChunkView = z
  .object({
    chunk_id: z.string().describe('Id of the chunk, as in results and citations'),
    heading: z.array(z.string()).describe('Heading path, outermost first'),
    text: z.string().describe('`text.slice(start, end)` of the document'),
    start: z.int().describe('UTF-16 offset in the text of the document'),
    end: z.int().describe('UTF-16 offset behind it'),
  })
  .meta({ id: 'ChunkView' });
export type ChunkView = z.infer<typeof ChunkView>;

/** A document with its stored text, its blocks and its chunks. */
export const Document = DocumentSummary.omit({ chunks: true })
  .extend({
    ...TextDocument.omit({ title: true }).shape,
    text: z.string().describe('The stored text that all offsets refer to'),
    aliases: z.array(z.string()).describe('URLs of other pages with this text, the first 100'),
    alias_count: z.int().describe('Number of all of them'),
    chunks: z.array(ChunkView).describe('As they are searched'),
    outdated: z
      .literal(true)
      .optional()
      .describe(
        'There while the document waits to be read again after an update: blocks and tables are those of the older version, or empty where that kept none',
      ),
  })
  .meta({ id: 'Document' });
export type Document = z.infer<typeof Document>;

/** One page of documents, by id. */
export const DocumentList = z
  .object({ documents: z.array(DocumentSummary).describe('By id'), next_cursor: NextCursor })
  .meta({ id: 'DocumentList' });
export type DocumentList = z.infer<typeof DocumentList>;

/** An address on the web of a document that a crawl found: its own, or that of an alias. */
export const Address = z
  .object({
    id: DocumentId,
    url: z.string().describe('The address'),
    document_id: DocumentId.describe('The document that keeps the text; another id for an alias'),
    content_hash: z.string().describe('Of the document that keeps the text'),
    metadata: Metadata,
    updated_at: z.iso.datetime().describe('When the page was last delivered'),
  })
  .meta({ id: 'Address' });
export type Address = z.infer<typeof Address>;

/** An address with the links of its page; null where they were not kept. */
export const AddressWithLinks = Address.extend({
  links: z.array(z.string()).nullable().describe('Where the page leads; null where that was not kept'),
}).meta({
  id: 'AddressWithLinks',
});
export type AddressWithLinks = z.infer<typeof AddressWithLinks>;

/** One page of addresses, by id. */
export const AddressList = z
  .object({ addresses: z.array(Address).describe('By id'), next_cursor: NextCursor })
  .meta({ id: 'AddressList' });
export type AddressList = z.infer<typeof AddressList>;

export const AddressQuery = PageQuery.extend({
  prefix: z.string().max(2000).optional().describe('Only URLs that begin with it'),
});
export type AddressQuery = z.infer<typeof AddressQuery>;
