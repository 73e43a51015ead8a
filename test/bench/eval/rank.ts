import { MAX_QUERY_CHARS, type RetrievalMode } from '@xnai/contracts';
import type { RagClient } from '@xnai/contracts/client';
import { inParallel } from '../support/in-parallel.ts';
import type { EvalSet } from './beir.ts';
import { clipQuery } from './clip-query.ts';
import type { Ingested } from './ingest-set.ts';
import { type Figures, figuresOf, mean } from './metrics.ts';

/** The most chunks that one search returns. */
const MAX_CHUNKS = 100;
const PARALLEL = 4;

export interface QueryFigures extends Figures {
  readonly query: string;
  /** Documents within the chunks that one search returns. */
  readonly documents: number;
  readonly top: readonly string[];
}

export interface RankReport {
  readonly mean: Figures;
  readonly queries: readonly QueryFigures[];
  /** Queries without any relevant document, left out. */
  readonly unjudged: number;
  readonly clipped: number;
  readonly tookMs: number;
}

/** Asks each judged query, collapses chunks to documents by their best chunk, and compares with the judgements. */
export async function rankQueries(
  client: RagClient,
  collection: string,
  { queries, judgements }: EvalSet,
  { idOf, mode = 'auto' }: Pick<Ingested, 'idOf'> & { readonly mode?: RetrievalMode },
): Promise<RankReport> {
  const judged = queries.filter(({ id, text }) => hasRelevant(judgements.get(id)) && text.trim() !== '');
  const startedMs = performance.now();
  const figures = await inParallel(judged, PARALLEL, async ({ id, text }): Promise<QueryFigures> => {
    const query = clipQuery(text);
    const { results } = await client.search({ query, collection, top_k: MAX_CHUNKS, mode });
    const ranking = [...new Set(results.map(({ document_id }) => idOf.get(document_id) ?? document_id))];
    const found = figuresOf(ranking, judgements.get(id) ?? new Map());
    if (found === undefined) throw new Error(`query ${id} has no relevant document`);
    return { query: id, ...found, documents: ranking.length, top: ranking.slice(0, 10) };
  });
  return {
    mean: {
      ndcg10: mean(figures.map(({ ndcg10 }) => ndcg10)),
      recall100: mean(figures.map(({ recall100 }) => recall100)),
      mrr10: mean(figures.map(({ mrr10 }) => mrr10)),
    },
    queries: figures,
    unjudged: queries.length - judged.length,
    clipped: judged.filter(({ text }) => text.trim().length > MAX_QUERY_CHARS).length,
    tookMs: performance.now() - startedMs,
  };
}

function hasRelevant(grades: ReadonlyMap<string, number> | undefined): boolean {
  return [...(grades?.values() ?? [])].some((grade) => grade > 0);
}
