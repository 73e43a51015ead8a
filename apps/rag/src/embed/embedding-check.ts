import type { Embedder } from '@xnai/inference';
import type { CheckOutcome } from '@xnai/service';
import { StoreError } from '../store/store-error.ts';
import type { VectorSetStats, VectorStore } from '../store/vectors.ts';
import type { EmbeddingReport } from './embedding-report.ts';

export interface EmbeddingCheckDeps {
  readonly vectors: Pick<VectorStore, 'divided' | 'stats'>;
  readonly embedder: Pick<Embedder, 'state'>;
  readonly report: Pick<EmbeddingReport, 'problem'>;
}

/**
 * How far the chunks are embedded. Work that is left is no fault, so that the status is `ok` with figures; `degraded` is
 * an index without room for the vectors, in which someone must act. What the model lacks, its own check says. A check that
 * nobody waits for any more leaves the connection of checks to the others.
 */
export async function checkEmbedding(
  { vectors, embedder, report }: EmbeddingCheckDeps,
  signal?: AbortSignal,
): Promise<CheckOutcome> {
  const { status, detail } = embedder.state();
  if (status === 'absent') return { status: 'absent', detail };
  const [{ made }, divided] = await Promise.all([
    vectors.stats(undefined, { signal, isCheck: true }),
    vectors.divided(undefined, { signal, isCheck: true }),
  ]);
  const problem = report.problem();
  const isFull = problem instanceof StoreError && problem.code === 'STORAGE_FULL';
  return {
    status: isFull ? 'degraded' : 'ok',
    detail: {
      summary: made === undefined ? WAITING : summaryOf(made, divided, problem),
      model: made?.model ?? null,
      dimensions: made?.dimensions ?? null,
      embedded: made?.embedded ?? 0,
      pending: made?.pending ?? 0,
      quarantined: made?.quarantined ?? 0,
      divided,
    },
  };
}

type Counts = Pick<VectorSetStats, 'embedded' | 'pending' | 'quarantined'>;

/** No set has been begun, so that nothing is counted as pending. */
const WAITING = 'nothing is embedded before a model is ready';

function summaryOf(
  { embedded, pending, quarantined }: Counts,
  divided: number,
  problem: Error | undefined,
): string {
  if (embedded + pending + quarantined === 0) return 'there are no chunks';
  const left = pending === 0 ? 'all' : `${embedded} of ${embedded + pending}`;
  const inParts = divided === 0 ? '' : `, ${divided} of them in parts`;
  const refused = quarantined === 0 ? '' : `, ${quarantined} cannot be`;
  const waits = problem === undefined || pending === 0 ? '' : `; waits: ${problem.message}`;
  return `${left} chunks are embedded${inParts}${refused}${waits}`;
}
