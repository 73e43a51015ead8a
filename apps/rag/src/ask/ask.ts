import type { QueryRequest, QueryResponse } from '@xnai/contracts';
import type { Generator } from '@xnai/inference';
import { inSpan } from '@xnai/service/trace';
import type { RetrievedChunk } from '../retrieve/retrieve.ts';
import { roundMs } from '../round-ms.ts';
import type { AskOptions } from './ask-options.ts';
import { type FindDeps, findCandidates } from './find-candidates.ts';
import { resolveQuestion } from './follow-up/resolve-question.ts';
import type { Judge } from './judge/judge.ts';
import type { Extractor } from './open-extractor.ts';
import { planAnswer, requireModel } from './plan.ts';
import { readQuestion } from './question/question.ts';
import { writeAnswer } from './write-answer.ts';

export type { AskListener, AskOptions } from './ask-options.ts';

export interface AskDeps extends FindDeps {
  readonly generator: Generator;
  readonly judge: Judge;
  readonly extractor: Pick<Extractor, 'extract'>;
  /** The share of its usual sources and words that an answer may take now, from 0 to 1; 1 by default. */
  readonly budget?: (() => number) | undefined;
  /** A monotonic clock in milliseconds. */
  readonly nowMs?: (() => number) | undefined;
}

/** @throws {ModelError} MODEL_NOT_READY for mode `generative` without a model; whatever store and retrieval throw */
export type Ask = (request: QueryRequest, options?: AskOptions) => Promise<QueryResponse>;

/** Question in, cited answer out: say a follow-up in full, find candidates, plan, then write, quote or say that nothing was found. */
export function createAsk(deps: AskDeps): Ask {
  const { nowMs = () => performance.now(), budget = () => 1 } = deps;
  return async (asked, options = {}) => {
    const startedMs = nowMs();
    const model = deps.generator.state();
    requireModel(asked.mode, model);
    const request = { ...asked, query: await resolve(asked, deps.generator, options) };
    const question = readQuestion(request.query);
    const found = await findCandidates(deps, question, request, options);
    const foundMs = nowMs();
    const { near, searched, retrieval } = found.retrieved;
    const { query, quotes } = request;
    const { statistics } = found;
    const extract = (chunks: readonly RetrievedChunk[]) =>
      inSpan('extract', { attributes: { 'xnai.chunks': chunks.length } }, () =>
        deps.extractor.extract({ query, near, chunks, statistics, quotes }, { signal: options.signal }),
      );
    const extracted = await extract(found.candidates);
    const hasEvidence = extracted.citations.length > 0;
    const plan = planAnswer({ mode: request.mode, model: model.status, hasEvidence, budget: budget() });
    const written = await writeAnswer(plan, { ...deps, request, extract, extracted, searched }, options);
    const endedMs = nowMs();
    return {
      ...written.body,
      ...searchedOf(asked, request, searched),
      retrieval,
      timings: {
        retrieval_ms: roundMs(foundMs - startedMs),
        answer_ms: roundMs(endedMs - foundMs),
        total_ms: roundMs(endedMs - startedMs),
        ...written.timings,
      },
      degraded: [...new Set([...found.retrieved.degraded, ...written.degraded])],
    };
  };
}

function searchedOf(asked: QueryRequest, resolved: QueryRequest, corrected: string | undefined) {
  const searched = corrected ?? resolved.query;
  return searched === asked.query ? {} : { searched };
}

function resolve({ query, mode }: QueryRequest, generator: Generator, options: AskOptions): Promise<string> {
  const { before = [] } = options;
  const writer = mode === 'extractive' ? undefined : generator;
  return resolveQuestion({ question: query, turns: before, generator: writer }, options);
}
