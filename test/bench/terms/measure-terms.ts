import type { Store } from '@xnai/rag/store';
import { newDocument } from '@xnai/rag/testing/postgres';
import type { EvalSet } from '../eval/beir.ts';
import { figuresOf, mean } from '../eval/metrics.ts';

export interface Measured {
  /** As the store says. */
  readonly way: string;
  readonly ndcg10: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly fillMs: number;
  /** Of each question. */
  readonly tookMs: readonly number[];
}

const COLLECTION = 'default';
const CHUNKS = 100;

/** Puts the documents of a set into an empty store, one after the other, and asks its questions by their words. */
export async function measureTerms(
  store: Store,
  { documents, queries, judgements }: EvalSet,
): Promise<Measured> {
  const startedMs = performance.now();
  for (const { id, title, text } of documents) {
    const changes = { contentType: 'text/plain', title: title === '' ? undefined : title };
    if (`${title}${text}`.trim() !== '')
      await store.upsertDocument(newDocument(id, text.trim() === '' ? title : text, changes));
  }
  const fillMs = performance.now() - startedMs;
  const tookMs: number[] = [];
  const found: number[] = [];
  for (const { id, text } of queries) {
    const grades = judgements.get(id);
    if (grades === undefined) continue;
    const askedMs = performance.now();
    const { lexical } = await store.search({ collection: COLLECTION, text, k: CHUNKS });
    tookMs.push(performance.now() - askedMs);
    const figures = figuresOf([...new Set(lexical.map(({ chunk }) => chunk.documentId))], grades);
    if (figures !== undefined) found.push(figures.ndcg10);
  }
  const { chunks, fileBytes, engine } = await store.stats();
  return { way: engine.search, ndcg10: mean(found), chunks, bytes: fileBytes, fillMs, tookMs };
}
