import type { Breaker } from '@xnai/resilience';
import type { ModelCall, ModelReply } from './child/messages.ts';
import type { ModelCallOptions } from './model.ts';
import { acquirePermit } from './model-breaker.ts';
import { ModelError } from './model-error.ts';
import type { RoleProcess } from './process/role-process.ts';

export interface GuardedProcess {
  readonly process: RoleProcess;
  readonly breaker: Breaker;
}

/** Only a crash of the process counts against the breaker. */
export async function askWithBreaker(
  { process, breaker }: GuardedProcess,
  call: ModelCall,
  options: ModelCallOptions,
): Promise<ModelReply> {
  await using permit = await acquirePermit(breaker, options.signal);
  try {
    const reply = await process.ask(call, options);
    permit.success();
    return reply;
  } catch (error) {
    if (error instanceof ModelError && error.code === 'MODEL_CRASHED') permit.failure(error);
    throw error;
  }
}
