import { z } from 'zod';
import { Degraded } from './degraded.ts';
import { Metadata } from './documents.ts';
import { Filter } from './filter.ts';
import { CollectionName } from './names.ts';
import { PageUnit } from './text-document.ts';

export const RetrievalMode = z.enum(['auto', 'hybrid', 'lexical', 'dense']).meta({
  id: 'RetrievalMode',
  description: 'How chunks are found; `auto` takes the methods that are ready',
});
export type RetrievalMode = z.infer<typeof RetrievalMode>;

/** Longest question or search text, in UTF-16 units. */
export const MAX_QUERY_CHARS = 2000;

export const QueryText = z
  .string()
  .trim()
  .min(1, 'expected 1 to 2,000 characters')
  .max(MAX_QUERY_CHARS, 'expected 1 to 2,000 characters')
  .meta({ id: 'QueryText', description: 'A question or search text: 1 to 2,000 characters, trimmed' });

/** Body of `POST /v1/search`. */
export const SearchRequest = z
  .strictObject({
    query: QueryText,
    collection: CollectionName.default('default'),
    top_k: z.int().min(1).max(100).default(10).describe('Largest number of results'),
    mode: RetrievalMode.default('auto'),
    filter: Filter.optional(),
  })
  .meta({ id: 'SearchRequest' });
export type SearchRequest = z.infer<typeof SearchRequest>;

/** Where in a document of pages something begins. */
export const pageFields = {
  page: z.int().min(1).optional().describe('Page, slide, sheet or part, counted from 1'),
  page_unit: PageUnit.optional().describe('What `page` counts'),
  page_name: z.string().optional().describe('Name of the sheet'),
};

/** A chunk that was found; `start` and `end` are UTF-16 offsets into the text of its document. */
export const SearchResult = z
  .object({
    rank: z.int().describe('From 1'),
    score: z.number().describe('Higher is better; comparable within one answer'),
    document_id: z.string().describe('Document of the chunk'),
    chunk_id: z.string().describe('The chunk'),
    url: z.string().nullable().describe('Of the document'),
    title: z.string().nullable().describe('Of the document'),
    heading: z.array(z.string()).describe('Heading path, outermost first'),
    text: z.string().describe('`text.slice(start, end)` of the document'),
    start: z.int().describe('UTF-16 offset in the text of the document'),
    end: z.int().describe('UTF-16 offset behind it'),
    ...pageFields,
    metadata: Metadata.describe('Of the document; up to 4,096 characters as JSON'),
    copies: z.int().optional().describe('Further chunks with the same text that were found and left out'),
    metadata_cut: z
      .boolean()
      .optional()
      .describe('Entries of `metadata` are left out: read the document for all'),
  })
  .meta({ id: 'SearchResult' });
export type SearchResult = z.infer<typeof SearchResult>;

const legTook = z.number().describe('Milliseconds');

const Legs = z
  .object({
    lexical: z.object({ took_ms: legTook }).optional().describe('Search by words'),
    dense: z
      .object({
        took_ms: legTook.describe('Milliseconds, with those for the vector of the question'),
        weight: z
          .number()
          .min(0)
          .max(1)
          .describe('Share of its scores: 0 turns it off, and search is lexical'),
        measured: z
          .boolean()
          .describe(
            "Whether the weight follows from how many of the collection's own chunks each method finds; else it is that of the start, as in small collections",
          ),
        measured_at: z.iso.datetime().optional().describe('When it was measured'),
        embedded: z.int().describe('Number of chunks of the collection that have a vector'),
      })
      .optional()
      .describe('Search by vectors, where there are some'),
  })
  .meta({ id: 'RetrievalLegs', description: 'The methods that are joined' });

export const Retrieval = z
  .object({
    mode: RetrievalMode.exclude(['auto']).describe('The methods that were used'),
    legs: Legs.optional(),
    reranked: z.boolean().describe('Whether a model put the results in order'),
    took_ms: z.number().describe('Milliseconds'),
  })
  .meta({ id: 'Retrieval', description: 'How the chunks were found' });
export type Retrieval = z.infer<typeof Retrieval>;

/** The question as it was searched, where that is not how it was asked. */
export const Searched = z
  .string()
  .describe(
    'The question as it was searched, where words of it that nothing holds were taken for others, or where it leans on what was said before',
  );

/** Chunks that were found, best first. */
export const SearchResponse = z
  .object({
    results: z.array(SearchResult).describe('Best first'),
    searched: Searched.optional(),
    retrieval: Retrieval,
    degraded: Degraded,
  })
  .meta({ id: 'SearchResponse' });
export type SearchResponse = z.infer<typeof SearchResponse>;
