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

function toResult({ chunk, score }: RetrievedChunk, index: number): SearchResult {
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
    metadata,
  };
}
