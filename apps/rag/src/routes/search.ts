import { SearchRequest, SearchResponse, type SearchResult } from '@xnai/contracts';
import type { App } from '@xnai/service';
import { chunkId } from '@xnai/text';
import { pageAt } from '../blocks/page-at.ts';
import type { Retrieve, RetrievedChunk } from '../retrieve/retrieve.ts';

export function searchRoutes(app: App, { retrieve }: { readonly retrieve: Retrieve }): void {
  app.post(
    '/v1/search',
    {
      config: { scope: 'query' },
      schema: {
        summary: 'The chunks that speak to a question, best first',
        body: SearchRequest,
        response: { 200: SearchResponse },
      },
    },
    async (request) => {
      const { top_k: topK, ...rest } = request.body;
      const options = { signal: request.signal, deadline: request.deadline };
      const { results, searched, retrieval, degraded } = await retrieve({ ...rest, topK }, options);
      return {
        results: results.map(toResult),
        ...(searched !== undefined && { searched }),
        retrieval,
        degraded: [...degraded],
      };
    },
  );
}

function toResult({ chunk, score, copies = 0 }: RetrievedChunk, index: number): SearchResult {
  const { documentId, ordinal, title, url, heading, text, start, end, metadata } = chunk;
  return {
    rank: index + 1,
    score,
    document_id: documentId,
    chunk_id: chunkId(documentId, ordinal),
    url: url ?? null,
    title: title ?? null,
    heading: [...heading],
    text,
    start,
    end,
    ...pageAt(chunk, 0),
    ...cutMetadata(metadata),
    ...(copies > 0 && { copies }),
  };
}

/** As JSON. A document may have megabytes of it, and a result is made of ten or more. */
const METADATA_CHARS = 4096;

/** The first entries, as far as they fit. */
function cutMetadata(metadata: SearchResult['metadata']): Pick<SearchResult, 'metadata' | 'metadata_cut'> {
  let left = METADATA_CHARS;
  const entries = Object.entries(metadata);
  const kept = entries.filter((entry) => {
    left -= JSON.stringify(entry).length;
    return left >= 0;
  });
  return kept.length === entries.length
    ? { metadata }
    : { metadata: Object.fromEntries(kept), metadata_cut: true };
}
