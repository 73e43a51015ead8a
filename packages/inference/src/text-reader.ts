import type { Breaker } from '@xnai/resilience';
import { askWithBreaker } from './ask-with-breaker.ts';
import type { ModelCall, ModelReply } from './child/messages.ts';
import type { ModelCallOptions, Priority } from './model.ts';
import type { RoleProcess } from './process/role-process.ts';
import { ModelQueue, type QueueRefusal } from './queue/model-queue.ts';
import { createServiceRates } from './queue/service-rates.ts';

export interface TextReaderDeps {
  readonly process: RoleProcess;
  readonly breaker: Breaker;
  readonly onRefusal: (reason: QueueRefusal) => void;
  readonly onBusy: (isBusy: boolean) => void;
}

export interface ReadWork {
  readonly characters: number;
  /** Characters of this and of all later calls that the deadline is for. Default: `characters`. */
  readonly charactersInAll?: number;
}

/**
 * A model that reads texts and writes none, and that takes one call at a time: a bounded queue and a breaker in front of
 * a model process.
 */
export function createTextReader(
  { process, breaker, onRefusal, onBusy }: TextReaderDeps,
  capacity: Readonly<Record<Priority, number>>,
) {
  const rates = createServiceRates();
  const queue = new ModelQueue({ sequences: () => 1, capacity, onRefusal, onBusy });
  return {
    state: () => process.state(),
    info: () => process.info(),
    servers: () => process.servers?.() ?? [],
    /** @throws {ModelError} OVERLOADED, DEADLINE_EXCEEDED or BREAKER_OPEN when the call is refused; MODEL_CRASHED */
    async read(
      call: ModelCall,
      { characters, charactersInAll = characters }: ReadWork,
      options: ModelCallOptions,
    ): Promise<ModelReply> {
      const expected = rates.expect(characters, 0);
      const firstTokenMs = rates.expect(charactersInAll, 0)?.totalMs ?? 0;
      const lease = await queue.enter(options, expected && { ...expected, firstTokenMs });
      const startedAtMs = performance.now();
      try {
        const reply = await askWithBreaker({ process, breaker }, call, options);
        const promptMs = performance.now() - startedAtMs;
        rates.observe({ ...NOTHING_WRITTEN, promptCharacters: characters, promptMs });
        return reply;
      } finally {
        lease.release();
      }
    },
  };
}

const NOTHING_WRITTEN = { tokens: 0, predictedMs: 0, isCut: false };
