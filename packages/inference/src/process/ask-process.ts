import { startTimeLimit } from '@xnai/resilience';
import { isFinal, type ModelCall, type ModelReply } from '../child/messages.ts';
import type { ModelCallOptions, ModelState } from '../model.ts';
import { ModelError, type ModelErrorCode } from '../model-error.ts';

interface Asked {
  state(): ModelState;
  call(call: ModelCall, onReply: (reply: ModelReply) => void): { abort(): void };
}

/**
 * Makes a call and waits for its final reply.
 *
 * @throws {ModelError} `notReady` while the model is not ready; DEADLINE_EXCEEDED; the code of the reply
 */
export async function askProcess(
  process: Asked,
  notReady: ModelErrorCode,
  { call, signal, deadline }: ModelCallOptions & { readonly call: ModelCall },
): Promise<ModelReply> {
  signal?.throwIfAborted();
  const { status, detail } = process.state();
  if (status !== 'ready') throw new ModelError(notReady, { detail });
  using limit = startTimeLimit({ deadline, signal, reason: () => new ModelError('DEADLINE_EXCEEDED') });
  const { promise, resolve, reject } = Promise.withResolvers<ModelReply>();
  const running = process.call(call, (reply) => {
    if (reply.kind === 'failed') reject(new ModelError(reply.code, reply));
    else if (isFinal(reply)) resolve(reply);
  });
  const stop = () => {
    reject(limit.signal.reason);
    running.abort();
  };
  if (limit.signal.aborted) stop();
  limit.signal.addEventListener('abort', stop, { once: true });
  return await promise;
}
