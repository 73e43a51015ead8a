import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type Resource,
} from '@modelcontextprotocol/server';
import type { Document, DocumentSummary } from '@xnai/contracts';
import type { CallOptions, RagClient } from '@xnai/contracts/client';
import { explainFailure } from './explain-failure.ts';

const SCHEME = 'xnai://documents/';

/** Documents as resources: `xnai://documents/{collection}/{id}`, listed collection by collection. */
export function addDocuments({ server }: McpServer, rag: RagClient): void {
  server.registerCapabilities({ resources: {} });
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [
      {
        uriTemplate: `${SCHEME}{collection}/{id}`,
        name: 'document',
        title: 'Document',
        description: 'The text of an indexed document, by the document_id of a search result or citation',
      },
    ],
  }));
  server.setRequestHandler('resources/list', ({ params }, { mcpReq: { signal } }) =>
    told(() => listDocuments(rag, params?.cursor, { signal })),
  );
  server.setRequestHandler('resources/read', ({ params: { uri } }, { mcpReq: { signal } }) =>
    told(async () => {
      const [collection, id] = partsOf(uri);
      return { contents: [toContent(uri, await rag.getDocument(collection, id, { signal }))] };
    }),
  );
}

/** Failures in the words of the API. */
async function told<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, explainFailure(error));
  }
}

/** One page: documents of one collection. The cursor names the collection, and the place in it. */
async function listDocuments(rag: RagClient, cursor: string | undefined, options: CallOptions) {
  const names = await collectionNames(rag, options);
  const [from = names[0], within] = cursor === undefined ? [] : partsOf(cursor);
  if (from === undefined) return { resources: [] };
  const page = within === undefined || within === '' ? {} : { cursor: within };
  const { documents, next_cursor: next } = await rag.listDocuments(from, page, options);
  const following = next === null ? names.find((name) => name > from) : from;
  return {
    resources: documents.map(toResource),
    ...(following !== undefined && { nextCursor: uriOf(following, next ?? '') }),
  };
}

/** In the order of the list, which is by name. */
function collectionNames(rag: RagClient, options: CallOptions): Promise<readonly string[]> {
  return Array.fromAsync(rag.everyCollection(options), ({ name }) => name);
}

function toResource({ id, collection, title, url, bytes }: DocumentSummary): Resource {
  return {
    uri: uriOf(collection, id),
    name: title ?? url ?? id,
    ...(url !== null && { description: url }),
    mimeType: 'text/plain',
    size: bytes,
  };
}

function toContent(uri: string, { text, inline }: Document) {
  return { uri, mimeType: inline === 'markdown' ? 'text/markdown' : 'text/plain', text };
}

function uriOf(collection: string, id: string): string {
  return `${SCHEME}${collection}/${encodeURIComponent(id)}`;
}

/** @throws {ProtocolError} when the address is none of a document */
function partsOf(uri: string): readonly [string, string] {
  const [, collection, encoded = ''] = /^xnai:\/\/documents\/([a-z0-9_-]+)\/([^/]*)$/.exec(uri) ?? [];
  const id = decode(encoded);
  if (collection !== undefined && id !== undefined) return [collection, id];
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no resource ${uri}: documents are ${SCHEME}{collection}/{id}`,
  );
}

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
