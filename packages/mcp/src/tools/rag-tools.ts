import {
  CollectionList,
  PageQuery,
  QueryRequest,
  QueryResponse,
  SearchRequest,
  SearchResponse,
} from '@xnai/contracts';
import type { RagClient } from '@xnai/contracts/client';
import { answerText } from '../texts/answer-text.ts';
import { collectionsText } from '../texts/collections-text.ts';
import { documentText } from '../texts/document-text.ts';
import { resultsText } from '../texts/results-text.ts';
import { DocumentPart, DocumentPartRequest, partOf } from './document-part.ts';
import { defineTool, type Tool } from './tool.ts';

/** What a model may do with the index. All of it only reads. */
export function ragTools(rag: RagClient): readonly Tool[] {
  return [
    defineTool({
      name: 'search',
      title: 'Search documents',
      description:
        'Finds the passages of the indexed documents that speak to a question, best first, each with its document and place. Names of collections: list_collections.',
      input: SearchRequest,
      output: SearchResponse,
      run: (input, options) => rag.search(input, options),
      toText: resultsText,
    }),
    defineTool({
      name: 'ask',
      title: 'Ask a question',
      description:
        'Answers a question from the indexed documents. Each statement has a mark such as [1] that refers to a quotation with its place. Mode "none" means that the documents do not answer the question.',
      input: QueryRequest.omit({ stream: true }),
      output: QueryResponse,
      run: (input, options) => rag.query(input, options),
      toText: answerText,
    }),
    defineTool({
      name: 'read_document',
      title: 'Read a document',
      description:
        'Gives the text of a document by the document_id of a search result or citation; long ones in parts, by start and max_chars.',
      input: DocumentPartRequest,
      output: DocumentPart,
      run: async ({ collection, id, ...part }, options) =>
        partOf(await rag.getDocument(collection, id, options), part),
      toText: documentText,
    }),
    defineTool({
      name: 'list_collections',
      title: 'List collections',
      description: 'Names the collections of documents, with their sizes.',
      input: PageQuery,
      output: CollectionList,
      run: (input, options) => rag.collections(input, options),
      toText: collectionsText,
    }),
  ];
}
