import type { Breaker } from '@xnai/resilience';
import type { Registry } from 'prom-client';
import type { Ask } from '../ask/ask.ts';
import { type AnswerKeyDeps, createAnswerKey } from './answer-key.ts';
import { openKeptAnswers, placesIn } from './kept-answers.ts';
import { type Answer, reuseAnswers } from './reuse-answers.ts';
import { createReuseMetrics } from './reuse-metrics.ts';

export interface AnswersDeps extends AnswerKeyDeps {
  readonly ask: Ask;
  /** Of the cache alone. */
  readonly breaker: Breaker;
  readonly hasRoom: () => boolean;
}

export interface AnswerCacheOptions {
  /** Undefined: nothing is kept. */
  readonly url: string | undefined;
  /** Below the size of one answer, nothing is kept. */
  readonly maxBytes: number;
  /** 0: nothing is kept. */
  readonly ttlMs: number;
}

export interface Answers extends AsyncDisposable {
  readonly answer: Answer;
  registerMetrics(registry: Registry): void;
}

/** Answers with a cache in Redis, or by themselves where there is none. */
export function openAnswers({ url, ...limits }: AnswerCacheOptions, deps: AnswersDeps): Answers {
  if (url === undefined || placesIn(limits.maxBytes) === 0 || limits.ttlMs === 0) return withoutCache(deps);
  const { ask, breaker, hasRoom } = deps;
  const kept = openKeptAnswers({ url, ...limits, breaker, hasRoom });
  const metrics = createReuseMetrics();
  return {
    answer: reuseAnswers({ ask, keyOf: createAnswerKey(deps), kept, metrics }),
    registerMetrics: metrics.register,
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

function withoutCache({ ask }: Pick<AnswersDeps, 'ask'>): Answers {
  return {
    answer: (request, { signal, deadline, listener }) => ask(request, { signal, deadline, listener }),
    registerMetrics: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
