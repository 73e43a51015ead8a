import { ServiceError } from '@xnai/service';
import { ModelError } from './model-error.ts';

/** A client is told why a model cannot answer now, as `/readyz` tells it too; how its process died is logged only. */
export function explainModelError(error: unknown): ServiceError | undefined {
  if (!(error instanceof ModelError)) return undefined;
  const { code, message, retryAfterMs } = error;
  if (code === 'MODEL_UNUSABLE')
    return new ServiceError('MODEL_NOT_READY', { detail: message, cause: error });
  const detail = code === 'MODEL_CRASHED' ? undefined : message;
  return new ServiceError(code, { cause: error, detail, retryAfterMs });
}
