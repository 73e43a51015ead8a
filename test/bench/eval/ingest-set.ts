import { createHash } from 'node:crypto';
import { DocumentId, type DocumentInput } from '@xnai/contracts';
import type { RagClient } from '@xnai/contracts/client';
import { inParallel } from '../support/in-parallel.ts';
import type { EvalDocument } from './beir.ts';

export interface Ingested {
  readonly documents: number;
  readonly chunks: number;
  /** Documents without title and text. */
  readonly empty: number;
  /** The set's own id of what rag calls so. */
  readonly idOf: ReadonlyMap<string, string>;
}

const PARALLEL = 8;
const MAX_TITLE_CHARS = 1000;

/** Puts all documents through the HTTP API; empty ones are skipped and counted. */
export async function ingestSet(
  client: RagClient,
  collection: string,
  documents: readonly EvalDocument[],
): Promise<Ingested> {
  const idOf = new Map<string, string>();
  const full = documents.filter(({ title, text }) => `${title}${text}`.trim() !== '');
  const results = await inParallel(full, PARALLEL, (document) => {
    const id = ragId(document.id);
    idOf.set(id, document.id);
    return client.putDocument(collection, id, toPut(document));
  });
  return {
    documents: full.length,
    chunks: results.reduce((sum, { chunks }) => sum + chunks, 0),
    empty: documents.length - full.length,
    idOf,
  };
}

/** A document of only a title has it as its text, too: nothing else could be found. */
function toPut({ title, text }: EvalDocument): DocumentInput {
  const content = text.trim() === '' ? title : text;
  const isTitled = title.trim() !== '';
  return {
    content,
    content_type: 'text/plain',
    ...(isTitled ? { title: title.slice(0, MAX_TITLE_CHARS) } : {}),
  };
}

/** An id that rag does not take is replaced by its hash. */
function ragId(id: string): string {
  return DocumentId.safeParse(id).success ? id : createHash('sha256').update(id).digest('hex').slice(0, 40);
}
