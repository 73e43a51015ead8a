import { basename, resolve } from 'node:path';
import { makeTrainedEmbedder } from '@xnai/inference/testing';
import { atLeast, type BenchReport, type Row } from '../report.ts';
import { type RagProcess, startRag } from '../support/rag-process.ts';
import { untilEmbedded, untilWeighed } from '../support/until-embedded.ts';
import { readEvalSet } from './beir.ts';
import { ingestSet } from './ingest-set.ts';
import { type RankReport, rankQueries } from './rank.ts';

/** Of the questions whose ten best by words hold nothing relevant: the share that vectors must answer, by set. */
const LEAST_FOUND: Readonly<Record<string, number>> = { 'squad-quarter': 0.2 };
/** Hybrid search may cost this much nDCG@10 at most, with however weak an embedder. */
const MOST_LOST = 0.01;

type Mode = 'lexical' | 'dense' | 'hybrid';

/** Search by words, by vectors and by both over HTTP, with this embedder or the one that tests have. */
export async function* evaluateHybrid(
  folders: readonly string[],
  embedder?: string,
): AsyncGenerator<BenchReport> {
  const RAG_EMBED_MODEL = embedder === undefined ? await makeTrainedEmbedder() : resolve(embedder);
  await using rag = await startRag({ RAG_EMBED_MODEL });
  for (const folder of folders) yield await evaluateSet(rag, resolve(folder));
}

async function evaluateSet(rag: RagProcess, folder: string): Promise<BenchReport> {
  const { client } = rag;
  const name = basename(folder);
  const set = await readEvalSet(folder);
  const ingested = await ingestSet(client, name, set.documents);
  const startedMs = performance.now();
  await untilEmbedded(client, name);
  const embeddedMs = performance.now() - startedMs;
  const weight = await untilWeighed(rag, name);
  const rank = (mode: Mode) => rankQueries(client, name, set, { ...ingested, mode });
  const reports = {
    lexical: await rank('lexical'),
    dense: await rank('dense'),
    hybrid: await rank('hybrid'),
  };
  console.log(
    `${name}: ${ingested.chunks} chunks, embedded ${(embeddedMs / 1000).toFixed(1)} s after the last document`,
  );
  await client.deleteCollection(name);
  const rows = [...hybridRows(name, reports), { what: 'weight of vectors', value: weight, unit: '' }];
  return { name, rows, raw: reports };
}

export function hybridRows(name: string, reports: Readonly<Record<Mode, RankReport>>): readonly Row[] {
  const { lexical, dense, hybrid } = reports;
  const { missed, found } = countFound(lexical, dense);
  const what = `of ${missed} that words miss, vectors find`;
  const least = LEAST_FOUND[name];
  return [
    { what: 'nDCG@10 by words', value: lexical.mean.ndcg10, unit: '' },
    { what: 'nDCG@10 by vectors', value: dense.mean.ndcg10, unit: '' },
    { what: 'nDCG@10 by both', value: hybrid.mean.ndcg10, unit: '' },
    atLeast('both less words', hybrid.mean.ndcg10 - lexical.mean.ndcg10, '', -MOST_LOST),
    { what: 'Recall@100, both less words', value: hybrid.mean.recall100 - lexical.mean.recall100, unit: '' },
    least === undefined
      ? { what, value: found / missed, unit: '' }
      : atLeast(what, found / missed, '', least),
  ];
}

/** Queries whose ten best by words hold nothing relevant, and how many of these have something in the ten by vectors. */
function countFound({ queries }: RankReport, dense: RankReport) {
  const missed = queries.flatMap(({ mrr10 }, at) => (mrr10 === 0 ? [at] : []));
  return { missed: missed.length, found: missed.filter((at) => (dense.queries[at]?.mrr10 ?? 0) > 0).length };
}
