import type { DegradedToken, QueryRequest, QueryResponse, Timings, Usage } from '@xnai/contracts';
import type { GenerateEvent, Generator } from '@xnai/inference';
import { ModelError } from '@xnai/inference';
import { type Deadline, deadlineIn } from '@xnai/resilience';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { roundMs } from '../../round-ms.ts';
import type { AskOptions } from '../ask-options.ts';
import { citationOfChunk } from '../citations.ts';
import { contextOf, fitSources } from './fit-sources.ts';
import { type HeldAnswer, holdAnswer } from './hold-answer.ts';
import { buildPrompt, NO_ANSWER, saysNoAnswer } from './prompt.ts';
import { type Source, sourceOf } from './source.ts';
import { verifyAnswer } from './verify.ts';

export interface Generated {
  /** Undefined when no source supports any sentence: nothing of the answer was shown, and nothing of it may be given. */
  readonly body?:
    | Pick<QueryResponse, 'answer' | 'mode' | 'finish_reason' | 'citations' | 'unsupported'>
    | undefined;
  readonly usage: Usage;
  readonly timings: Pick<Timings, 'queue_ms' | 'first_token_ms'>;
  readonly degraded: readonly DegradedToken[];
}

export interface GenerateWork {
  readonly request: QueryRequest;
  readonly chunks: readonly RetrievedChunk[];
  /** The share of the usual sources and words to be used, from 0 to 1; less when memory is short. */
  readonly budget: number;
}

const DEFAULT_MAX_TOKENS = 512;

/**
 * Lets the model write the answer, and shows each sentence once it is checked against the sources.
 *
 * @returns undefined when the model failed before anything was shown, the request leaves the mode open, and there is time
 * left for an extractive answer
 * @throws {ModelError} the generator's own error otherwise
 */
export async function generateAnswer(
  generator: Generator,
  work: GenerateWork,
  options: AskOptions,
): Promise<Generated | undefined> {
  const progress = { isShown: false };
  try {
    return await generate(generator, work, { ...options, deadline: modelDeadline(work, options) }, progress);
  } catch (error) {
    const isLate = options.deadline?.expired === true;
    const mayExtract =
      work.request.mode === 'auto' && !progress.isShown && !isLate && error instanceof ModelError;
    if (mayExtract && options.signal?.aborted !== true) return undefined;
    throw error;
  }
}

/** In mode `auto`, time is kept back to send an extractive answer in place of a late one. */
function modelDeadline({ request }: GenerateWork, { deadline }: AskOptions): Deadline | undefined {
  return deadline && request.mode === 'auto' ? deadlineIn(deadline.remainingMs() - SEND_MS) : deadline;
}

const SEND_MS = 100;

type Done = Extract<GenerateEvent, { type: 'done' }>;

async function generate(
  generator: Generator,
  { request, chunks: offered, budget }: GenerateWork,
  { signal, deadline, priority, listener }: AskOptions,
  progress: { isShown: boolean },
): Promise<Generated> {
  const chunks = offered.slice(0, Math.ceil(offered.length * budget));
  const maxTokens = Math.ceil(mostTokens(generator, request) * budget);
  const fitted = await fitSources(generator, { request, chunks, maxTokens, budget }, { signal, deadline });
  await listener?.sources(fitted.chunks.map((found, position) => citationOfChunk(found, position + 1)));
  const events = generator.generate(
    {
      prompt: buildPrompt(request.query, fitted.texts),
      maxTokens,
      temperature: request.temperature ?? 0,
      seed: request.seed,
    },
    { signal, deadline, priority },
  );
  const show = async (text: string) => {
    if (text === '' || listener === undefined) return;
    progress.isShown = true;
    await listener.token(text);
  };
  const sources = fitted.chunks.map(sourceOf);
  const held = holdAnswer(sources);
  let done: Done | undefined;
  for await (const event of events) {
    if (event.type === 'token') await show(held.push(event.text));
    else if (event.type === 'done') done = event;
  }
  const body = bodyOf(held, sources, done);
  await show(body?.answer.slice(held.shown.length) ?? '');
  return {
    body,
    usage: usageOf(done, offered.length - fitted.chunks.length),
    timings: timingsOf(done),
    degraded: [
      ...(body?.unsupported === undefined ? [] : ['unsupported-answer' as const]),
      ...(done?.isStandIn === true ? ['model-server' as const] : []),
    ],
  };
}

/** At most half of the context, whatever was asked for: the sources need the rest. */
function mostTokens(generator: Generator, { max_tokens }: QueryRequest): number {
  const contextTokens = contextOf(generator);
  return max_tokens === undefined
    ? Math.min(DEFAULT_MAX_TOKENS, Math.floor(contextTokens / 4))
    : Math.min(max_tokens, Math.floor(contextTokens / 2));
}

function bodyOf(
  { shown, rest }: HeldAnswer,
  sources: readonly Source[],
  done: Done | undefined,
): Generated['body'] {
  const answer = shown + rest;
  const { citations, unsupported } = verifyAnswer(answer, sources);
  const isSupported = shown !== '' || citations.some(({ verified }) => verified);
  // A model that writes nothing, as one whose thoughts took all its tokens, has not said that there is no answer.
  if (!isSupported && answer.trim() !== '' && saysNoAnswer(answer))
    return { answer: NO_ANSWER, mode: 'none', citations: [] };
  if (!isSupported) return undefined;
  return {
    answer,
    mode: 'generative',
    ...(done === undefined ? {} : { finish_reason: cutOrStop(done) }),
    citations: [...citations],
    ...(unsupported.length === 0 ? {} : { unsupported: [...unsupported] }),
  };
}

const cutOrStop = ({ finish }: Done) => (finish === 'length' ? finish : 'stop');

function timingsOf(done: Done | undefined): Generated['timings'] {
  if (done === undefined) return {};
  return { queue_ms: roundMs(done.timings.queueMs), first_token_ms: roundMs(done.timings.firstTokenMs) };
}

function usageOf(done: Done | undefined, leftOut: number): Usage {
  const { promptTokens = 0, completionTokens = 0, cachedTokens = 0 } = done?.usage ?? {};
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    cached_tokens: cachedTokens,
    ...(leftOut === 0
      ? {}
      : {
          truncated: {
            chunks: leftOut,
            reason: 'There is no room for them in the context of the model or in memory.',
          },
        }),
  };
}
