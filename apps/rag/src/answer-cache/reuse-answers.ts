import type { QueryRequest, QueryResponse } from '@xnai/contracts';
import type { Ask, AskListener, AskOptions } from '../ask/ask.ts';
import { roundMs } from '../round-ms.ts';
import type { AnswerKey, KeyedRequest } from './answer-key.ts';
import { type CacheControl, readCacheControl } from './cache-control.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import type { ReuseMetrics } from './reuse-metrics.ts';
import { ALONE, createTurns, type End } from './turns.ts';

/** Answers a question of `POST /v1/query`, also by what was answered before. */
export type Answer = (request: QueryRequest, options: AnswerOptions) => Promise<QueryResponse>;

export interface AnswerOptions extends Omit<AskOptions, 'before' | 'priority'> {
  readonly scopes: KeyedRequest['scopes'];
  /** The header `Cache-Control` of the request. */
  readonly cacheControl?: string | undefined;
  /** Called before the answer is given, when it was made before. */
  readonly onReused?: ((ageS: number) => void) | undefined;
}

export interface ReuseDeps {
  readonly ask: Ask;
  readonly keyOf: AnswerKey;
  readonly kept: Pick<KeptAnswers, 'read' | 'keep'>;
  readonly metrics: Pick<ReuseMetrics, 'asked' | 'kept'>;
  /** Of the wall clock, which replicas share. */
  readonly nowMs?: (() => number) | undefined;
}

interface Question {
  readonly key: string;
  readonly request: QueryRequest;
  readonly control: CacheControl;
  readonly options: AnswerOptions;
}

/** Gives the answer that was kept for exactly this question, or that is being made for an equal one; else makes it. */
export function reuseAnswers(deps: ReuseDeps): Answer {
  const { keyOf, kept, metrics, nowMs = Date.now } = deps;
  const turns = createTurns<KeptAnswer>();
  return async (request, options) => {
    const startedMs = performance.now();
    const key = await keyOf({ request, scopes: options.scopes }, options.signal);
    const control = readCacheControl(options.cacheControl);
    if (key === undefined || !control.mayReuse || isDrawn(request)) {
      metrics.asked('bypass');
      return make(deps, { key: key ?? '', request, control, options }, ALONE.end);
    }
    const found = await kept.read(key);
    const ageS = found === undefined ? 0 : Math.max(0, Math.floor((nowMs() - found.madeAtMs) / 1000));
    if (found !== undefined && ageS <= control.maxAgeS) {
      metrics.asked('hit');
      return give(found, { startedMs, ageS, options });
    }
    // A caller with a deadline who waited for another's answer would have no time left for a quicker one.
    const turn = options.deadline === undefined ? await turns.take(key, options.signal) : ALONE;
    if ('made' in turn && turn.made !== undefined) {
      metrics.asked('shared');
      return give(turn.made, { startedMs, ageS: 0, options });
    }
    metrics.asked('miss');
    return make(deps, { key, request, control, options }, turn.end);
  };
}

/** Each such answer is another draw, which is why it was asked for. */
function isDrawn({ temperature = 0, seed }: QueryRequest): boolean {
  return temperature > 0 && seed === undefined;
}

/**
 * Kept is only an answer that nothing was missing for: no failure, nothing degraded, not cut short by a deadline, and
 * nothing that it depends on has changed meanwhile.
 */
async function make(
  { ask, keyOf, kept, metrics, nowMs = Date.now }: ReuseDeps,
  { key, request, control, options }: Question,
  end: End<KeptAnswer>,
): Promise<QueryResponse> {
  const { signal, deadline, scopes } = options;
  const limit = watchLimit(options);
  const relay = relayTo(options.listener);
  try {
    const answer = await ask(request, { signal, deadline, listener: relay?.listener });
    const isWhole = control.mayKeep && !isDrawn(request) && answer.degraded.length === 0 && limit.isFar();
    if (isWhole && (await keyOf({ request, scopes })) === key) {
      const value = { key, madeAtMs: nowMs(), answer };
      end(
        { value },
        kept.keep(value).then((isKept) => isKept && metrics.kept()),
      );
    } else end('nothing');
    await relay?.written();
    return answer;
  } catch (error) {
    end(signal?.aborted === true ? 'left' : 'nothing');
    // What was written comes before the failure. That the reader is gone is no further failure.
    await relay?.written().catch(() => undefined);
    throw error;
  }
}

interface Giving {
  readonly startedMs: number;
  readonly ageS: number;
  readonly options: AnswerOptions;
}

async function give(
  { answer }: KeptAnswer,
  { startedMs, ageS, options: { listener, onReused } }: Giving,
): Promise<QueryResponse> {
  onReused?.(ageS);
  await listener?.sources(answer.citations);
  await listener?.token(answer.answer);
  const timings = { retrieval_ms: 0, answer_ms: 0, total_ms: roundMs(performance.now() - startedMs) };
  return { ...answer, cached: true, timings };
}

/**
 * The reranker has half of the time that is left, and stops early when no further text fits: that is after a quarter of
 * all at the soonest. Every other step that a deadline cuts short has had more.
 */
function watchLimit({ deadline }: AnswerOptions) {
  const farMs = deadline === undefined ? 0 : deadline.remainingMs() * 0.75;
  return { isFar: () => deadline === undefined || deadline.remainingMs() > farMs };
}

/** Lets the answer go on while its reader is slow, so that those who wait for it do not wait for the reader. */
function relayTo(listener: AskListener | undefined) {
  if (listener === undefined) return undefined;
  let written = Promise.resolve();
  const pass = async (write: () => Promise<void>) => {
    written = written.then(write);
  };
  return {
    listener: {
      sources: (citations) => pass(() => listener.sources(citations)),
      token: (text) => pass(() => listener.token(text)),
    } satisfies AskListener,
    written: () => written,
  };
}
