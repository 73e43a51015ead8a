import type { Breaker } from '@xnai/resilience';
import { acquire } from './acquire.ts';
import type { ModelCall, ModelReply } from './child/messages.ts';
import type { CallOptions } from './model.ts';
import { ModelError } from './model-error.ts';
import type { RoleProcess } from './process/model-slot.ts';

/** One call to a model process behind its breaker. Only failures of the process itself count against it. */
export async function askGuarded(
  { process, breaker }: { readonly process: RoleProcess; readonly breaker: Breaker },
  call: ModelCall,
  options: CallOptions,
): Promise<ModelReply> {
  const { signal } = options;
  await using permit = await acquire(breaker, signal);
  try {
    const reply = await process.ask(call, options);
    permit.success();
    return reply;
  } catch (error) {
    if (error instanceof ModelError && error.code === 'MODEL_CRASHED') permit.failure(error);
    throw error;
  }
}
