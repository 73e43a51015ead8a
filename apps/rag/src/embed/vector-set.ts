import type { Embedder } from '@xnai/inference';
import type { VectorSet } from '../store/vectors.ts';

/** The set that the vectors of this embedder belong to; undefined while it has no model that is ready. */
export function vectorSetOf(embedder: Pick<Embedder, 'state'>): VectorSet | undefined {
  const { status, fingerprint, model, dimensions } = embedder.state();
  if (status !== 'ready' || fingerprint === undefined) return undefined;
  if (model === undefined || dimensions === undefined) return undefined;
  return { id: fingerprint, model, dimensions };
}
