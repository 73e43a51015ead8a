import type { Breaker } from '@xnai/resilience';
import { Admission, type Refusal } from './admission/admission.ts';
import { createServiceRates } from './admission/service-rates.ts';
import type { ModelCall, ModelReply } from './child/messages.ts';
import type { CallOptions, ModelPort, Priority } from './model.ts';
import { acquirePermit } from './model-breaker.ts';
import { ModelError } from './model-error.ts';
import type { RoleProcess } from './process/role-process.ts';

export interface TextReaderDeps {
  readonly process: RoleProcess;
  readonly breaker: Breaker;
  readonly onRefusal: (reason: Refusal) => void;
  readonly onBusy: (isBusy: boolean) => void;
}

export interface ReadWork {
  readonly characters: number;
  /** Characters of this and of all later calls that the deadline is for. Default: `characters`. */
  readonly charactersInAll?: number;
}

/** A model that reads texts and writes none, and that takes one call at a time. */
export interface TextReader extends ModelPort {
  /** @throws {ModelError} OVERLOADED, DEADLINE_EXCEEDED or BREAKER_OPEN when the call is refused; MODEL_CRASHED */
  read(call: ModelCall, work: ReadWork, options: CallOptions): Promise<ModelReply>;
}

/** Puts a bounded queue and a breaker in front of a model process. */
export function createTextReader(
  { process, breaker, onRefusal, onBusy }: TextReaderDeps,
  capacity: Readonly<Record<Priority, number>>,
): TextReader {
  const rates = createServiceRates();
  const admission = new Admission({ slots: () => 1, capacity, onRefusal, onBusy });
  const expect = (promptCharacters: number) => rates.expect({ promptCharacters, maxTokens: 0 });
  return {
    state: () => process.state(),
    info: () => process.info(),
    async read(call, { characters, charactersInAll = characters }, options) {
      const expected = expect(characters);
      const firstTokenMs = expect(charactersInAll)?.totalMs ?? 0;
      const ticket = await admission.enter(options, expected && { ...expected, firstTokenMs });
      const startedAtMs = performance.now();
      try {
        const reply = await askWithBreaker({ process, breaker }, call, options);
        const promptMs = performance.now() - startedAtMs;
        rates.observe({
          promptCharacters: characters,
          promptMs,
          tokens: 0,
          predictedMs: 0,
          isCut: false,
        });
        return reply;
      } finally {
        ticket.release();
      }
    },
  };
}

/** Only a crash of the process counts against the breaker. */
async function askWithBreaker(
  { process, breaker }: Pick<TextReaderDeps, 'process' | 'breaker'>,
  call: ModelCall,
  options: CallOptions,
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
