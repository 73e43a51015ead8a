import type { DegradedToken, QueryRequest, QueryResponse, Timings, Usage } from '@xnai/contracts';
import type { GenerateEvent, Generator } from '@xnai/inference';
import { ModelError } from '@xnai/inference';
import { type Deadline, deadlineIn } from '@xnai/resilience';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { roundMs } from '../../round-ms.ts';
import type { AskOptions } from '../ask-options.ts';
import { citationOfChunk } from '../citations.ts';
import { plainMarks } from '../text/marks.ts';
import { buildPrompt, NO_ANSWER, saysNoAnswer, sourceText } from './prompt.ts';
import { verifyAnswer } from './verify.ts';

export interface Generated {
  /** No sentence of it is supported by any source: not to be given as an answer. */
  readonly isUnsupported: boolean;
  readonly body: Pick<
    QueryResponse,
    'answer' | 'mode' | 'finish_reason' | 'citations' | 'usage' | 'unsupported'
  >;
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
 * Lets the model write the answer, and checks it against the sources.
 *
 * @returns undefined when the model failed before its first word was sent, the request leaves the mode open, and there is
 * time left for an extractive answer
 * @throws {ModelError} the generator's own error otherwise
 */
export async function generateAnswer(
  generator: Generator,
  work: GenerateWork,
  options: AskOptions,
): Promise<Generated | undefined> {
  const progress = { hasBegun: false };
  try {
    return await generate(generator, work, { ...options, deadline: modelDeadline(work, options) }, progress);
  } catch (error) {
    const isRead = progress.hasBegun && options.listener !== undefined;
    const isLate = options.deadline?.expired === true;
    const mayExtract = work.request.mode === 'auto' && !isRead && !isLate && error instanceof ModelError;
    if (mayExtract && options.signal?.aborted !== true) return undefined;
    throw error;
  }
}

/** In mode `auto`, time is kept back to send an extractive answer in place of a late one. */
function modelDeadline({ request }: GenerateWork, { deadline }: AskOptions): Deadline | undefined {
  return deadline && request.mode === 'auto' ? deadlineIn(deadline.remainingMs() - SEND_MS) : deadline;
}

const SEND_MS = 100;

async function generate(
  generator: Generator,
  { request, chunks: offered, budget }: GenerateWork,
  options: AskOptions,
  progress: { hasBegun: boolean },
): Promise<Generated> {
  const { signal, deadline, priority, listener } = options;
  const chunks = offered.slice(0, Math.ceil(offered.length * budget));
  const maxTokens = Math.ceil(mostTokens(generator, request) * budget);
  const fitted = await fitSources(generator, { request, chunks, maxTokens, budget }, options);
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
  let answer = '';
  let done: Extract<GenerateEvent, { type: 'done' }> | undefined;
  for await (const event of events) {
    progress.hasBegun = true;
    if (event.type === 'token') {
      answer += event.text;
      await listener?.token(event.text);
    } else done = event;
  }
  return finish(answer, fitted, offered.length, done);
}

/** At most half of the context, whatever was asked for: the sources need the rest. */
function mostTokens(generator: Generator, { max_tokens }: QueryRequest): number {
  const contextTokens = contextOf(generator);
  return max_tokens === undefined
    ? Math.min(DEFAULT_MAX_TOKENS, Math.floor(contextTokens / 4))
    : Math.min(max_tokens, Math.floor(contextTokens / 2));
}

function contextOf(generator: Generator): number {
  return generator.info()?.contextTokens ?? 2048;
}

interface Fitted {
  readonly chunks: readonly RetrievedChunk[];
  readonly texts: readonly string[];
}

/** The best chunks that fit beside the question and the answer. */
async function fitSources(
  generator: Generator,
  work: GenerateWork & { readonly maxTokens: number },
  { signal, deadline }: AskOptions,
): Promise<Fitted> {
  const { request, chunks, maxTokens, budget } = work;
  const texts = chunks.map((found, position) => sourceText(found, position + 1));
  const [frame, counts] = await Promise.all([
    generator.countPrompt(buildPrompt(request.query, []), { signal, deadline }),
    generator.countTokens(texts, { signal, deadline }),
  ]);
  const room = contextOf(generator) - maxTokens - frame;
  const count = countFitting(counts, room * budget);
  if (count === 0) throw new ModelError('PROMPT_TOO_LONG');
  const fitting = joinNeighbours(chunks.slice(0, count));
  return { chunks: fitting, texts: fitting.map((found, position) => sourceText(found, position + 1)) };
}

/** Chunks that follow each other in their document stand together and in its order, where the best of them stood. */
function joinNeighbours(chunks: readonly RetrievedChunk[]): readonly RetrievedChunk[] {
  const byPlace = new Map(chunks.map((found) => [placeOf(found, 0), found]));
  const placed = new Set<RetrievedChunk>();
  for (const found of chunks) {
    let first = found;
    for (let before = byPlace.get(placeOf(first, -1)); before; before = byPlace.get(placeOf(first, -1)))
      first = before;
    for (let next: RetrievedChunk | undefined = first; next; next = byPlace.get(placeOf(next, 1)))
      placed.add(next);
  }
  return [...placed];
}

function placeOf({ chunk }: RetrievedChunk, offset: number): string {
  return `${chunk.documentId}#${chunk.ordinal + offset}`;
}

/** Two tokens more for each, for the blank line between sources. */
function countFitting(counts: readonly number[], room: number): number {
  let used = 0;
  for (const [index, tokens] of counts.entries()) {
    used += tokens + 2;
    if (used > room) return index;
  }
  return counts.length;
}

function finish(
  written: string,
  fitted: Fitted,
  offered: number,
  done: Extract<GenerateEvent, { type: 'done' }> | undefined,
): Generated {
  const answer = plainMarks(written, fitted.chunks.length);
  const { citations, unsupported } = verifyAnswer(answer, fitted.chunks);
  const isVerified = citations.some(({ verified }) => verified);
  const isNone = answer.trim() === '' || (!isVerified && saysNoAnswer(answer));
  const usage = usageOf(done, offered - fitted.chunks.length);
  const timings =
    done === undefined
      ? {}
      : { queue_ms: roundMs(done.timings.queueMs), first_token_ms: roundMs(done.timings.firstTokenMs) };
  if (isNone) {
    const body = { answer: NO_ANSWER, mode: 'none' as const, citations: [], usage };
    return { isUnsupported: false, body, timings, degraded: [] };
  }
  return {
    isUnsupported: !isVerified,
    body: {
      answer,
      mode: 'generative',
      ...(done === undefined ? {} : { finish_reason: done.finish }),
      citations: [...citations],
      ...(unsupported.length === 0 ? {} : { unsupported: [...unsupported] }),
      usage,
    },
    timings,
    degraded: unsupported.length === 0 ? [] : ['unsupported-answer'],
  };
}

function usageOf(done: Extract<GenerateEvent, { type: 'done' }> | undefined, leftOut: number): Usage {
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
