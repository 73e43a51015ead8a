import type { DegradedToken, QueryRequest } from '@xnai/contracts';
import { ModelError, type ModelState } from '@xnai/inference';

/** How a question is answered, decided once its sources are known. */
export type Plan =
  | { readonly kind: 'none' }
  | { readonly kind: 'extract'; readonly degraded: readonly DegradedToken[] }
  | { readonly kind: 'generate'; readonly budget: number; readonly degraded: readonly DegradedToken[] };

export interface PlanInput {
  readonly mode: QueryRequest['mode'];
  /** When the question came in; a model that becomes ready meanwhile is for the next question. */
  readonly model: ModelState['status'];
  /** Something in the sources answers the question. */
  readonly hasEvidence: boolean;
  /** The share of its usual sources and words that an answer may take now, from 0 to 1. */
  readonly budget: number;
}

/** Without evidence nothing is written, by a model or otherwise; a model that should be there and is not is named. */
export function planAnswer({ mode, model, hasEvidence, budget }: PlanInput): Plan {
  if (!hasEvidence) return { kind: 'none' };
  if (mode !== 'extractive' && model === 'ready') {
    return { kind: 'generate', budget, degraded: budget < 1 ? ['memory'] : [] };
  }
  return { kind: 'extract', degraded: mode === 'auto' && model !== 'absent' ? ['model'] : [] };
}

/** @throws {ModelError} MODEL_NOT_READY when the request insists on a model that is not ready */
export function requireModel(mode: QueryRequest['mode'], { status, detail }: ModelState): void {
  if (mode === 'generative' && status !== 'ready') throw new ModelError('MODEL_NOT_READY', { detail });
}
