import { ClientError } from '@xnai/contracts/client';
import { ServiceError } from '@xnai/service';

/**
 * What a model, and a person through it, is told of a call that failed: the text of the problem.
 *
 * @throws the error itself when it is none of a call
 */
export function explainFailure(error: unknown): string {
  if (error instanceof ServiceError) return `${error.message} (${error.code})`;
  if (!(error instanceof ClientError)) throw error;
  const { code, detail, retryAfterMs } = error;
  if (code === 'NETWORK_ERROR')
    return `The service cannot be reached: ${detail}. Is the stack running? (${code})`;
  const later = retryAfterMs === undefined ? '' : ` Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
  return `${detail} (${code})${later}`;
}
