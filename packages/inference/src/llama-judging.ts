import type { Breaker } from '@xnai/resilience';
import { askWithBreaker } from './ask-with-breaker.ts';
import type { Generator, Prompt } from './model.ts';
import type { RoleProcess } from './process/role-process.ts';
import type { ModelQueue } from './queue/model-queue.ts';
import { createServiceRates } from './queue/service-rates.ts';
import { traceCall } from './trace-model.ts';

export interface JudgingDeps {
  readonly process: RoleProcess;
  readonly breaker: Breaker;
  /** Of all requests to the model: judging takes the place of one. */
  readonly queue: ModelQueue;
}

/** Judges in a model process. Its times are counted apart from those of answers: nothing is written. */
export function createJudging({ process, breaker, queue }: JudgingDeps): Generator['judge'] {
  const rates = createServiceRates();
  const judge: Generator['judge'] = async (prompts, options = {}) => {
    const { priority = 'interactive' } = options;
    const characters = prompts.reduce((sum, prompt) => sum + lengthOf(prompt), 0);
    const expected = rates.expect(characters, 0);
    const lease = await queue.enter(options, expected && { ...expected, firstTokenMs: expected.totalMs });
    const startedAtMs = performance.now();
    try {
      const reply = await askWithBreaker({ process, breaker }, { kind: 'judge', prompts, priority }, options);
      if (reply.kind !== 'judged') throw new TypeError(`a judgement was answered by ${reply.kind}`);
      const promptMs = performance.now() - startedAtMs;
      rates.observe({ promptCharacters: characters, promptMs, tokens: 0, predictedMs: 0, isCut: false });
      const { probabilities, promptTokens, cachedTokens } = reply;
      return { probabilities, promptTokens, cachedTokens };
    } finally {
      lease.release();
    }
  };
  return (prompts, options) =>
    traceCall('judge', process, {
      call: () => judge(prompts, options),
      tokensOf: ({ promptTokens }) => promptTokens,
    });
}

export function lengthOf(prompt: Prompt): number {
  if (prompt.kind === 'text') return prompt.text.length;
  return prompt.messages.reduce((sum, { content }) => sum + content.length, 0);
}
