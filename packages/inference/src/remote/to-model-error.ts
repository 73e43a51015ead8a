import type { ModelCall } from '../child/messages.ts';
import { ModelError } from '../model-error.ts';
import { isTooLong, ServerFault } from './server-fault.ts';

/** A fault of a server in the words of a model port. Other errors pass as they are. */
export function toModelError(
  error: unknown,
  { base, call }: { readonly base: string; readonly call: ModelCall },
): unknown {
  if (!(error instanceof ServerFault)) return error;
  const detail = `the model server ${base} ${error.message}`;
  const { retryAfterMs } = error;
  if (error.kind === 'busy') return new ModelError('OVERLOADED', { detail, retryAfterMs, cause: error });
  if (error.kind === 'failed')
    return new ModelError('MODEL_SERVER_FAILED', { detail, retryAfterMs, cause: error });
  if (isTooLong(error)) return new ModelError('PROMPT_TOO_LONG', { detail, cause: error });
  const isOfSchema =
    call.kind === 'generate' && (call.request.jsonSchema ?? call.request.calls) !== undefined;
  if (isOfSchema) return new ModelError('INVALID_GRAMMAR', { detail, cause: error });
  return new ModelError('MODEL_SERVER_FAILED', { detail, retryable: false, cause: error });
}
