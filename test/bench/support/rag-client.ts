import { IngestResult, Problem, QueryResponse, SearchResponse } from '@xnai/contracts';

/** The part of rag's HTTP API that measuring needs. Every call throws on any answer but success. */
export interface RagClient {
  putDocument(collection: string, id: string, document: PutDocument): Promise<IngestResult>;
  search(body: AskBody): Promise<SearchResponse>;
  query(body: AskBody): Promise<QueryResponse>;
  deleteCollection(collection: string): Promise<void>;
}

export interface PutDocument {
  readonly content: string;
  readonly content_type: 'text/plain' | 'text/markdown' | 'text/html';
  readonly title?: string;
  readonly url?: string;
}

export interface AskBody {
  readonly query: string;
  readonly collection: string;
  readonly top_k?: number;
}

export function createRagClient(url: string, key: string): RagClient {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${explain(text)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    putDocument: async (collection, id, document) =>
      IngestResult.parse(await call('PUT', `/v1/collections/${collection}/documents/${id}`, document)),
    search: async (body) => SearchResponse.parse(await call('POST', '/v1/search', body)),
    query: async (body) => QueryResponse.parse(await call('POST', '/v1/query', body)),
    deleteCollection: async (collection) => {
      await call('DELETE', `/v1/collections/${collection}`);
    },
  };
}

function explain(text: string): string {
  try {
    const { code, detail, errors = [] } = Problem.parse(JSON.parse(text));
    return [code, detail, ...errors.map(({ path, message }) => `${path}: ${message}`)].join(' ');
  } catch {
    return text.slice(0, 200);
  }
}
