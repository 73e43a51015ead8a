import { ServiceError } from '@xnai/service';
import { ModelError } from './model-error.ts';

/** Why a model cannot answer now is no secret: `/readyz` says it too. How its process died is for the log. */
export function explainModelError(error: unknown): ServiceError | undefined {
  if (!(error instanceof ModelError)) return undefined;
  const { code, message, retryAfterMs } = error;
  if (code === 'MODEL_UNUSABLE')
    return new ServiceError('MODEL_NOT_READY', { detail: message, cause: error });
  return new ServiceError(code, {
    cause: error,
    ...(code === 'MODEL_CRASHED' ? {} : { detail: message }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
