import type { DegradedToken, QueryRequest, QueryResponse, Timings, Usage } from '@xnai/contracts';
import type { GenerateEvent, Generator } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import type { RetrievedChunk } from '../retrieve.ts';
import type { AnswerOptions } from './answer-options.ts';
import { citationOfChunk } from './citations.ts';
import { buildPrompt, NO_ANSWER, sourceText } from './prompt.ts';
import { verifyAnswer } from './verify.ts';

export interface Generated {
  readonly body: Pick<QueryResponse, 'answer' | 'mode' | 'citations' | 'usage' | 'unsupported'>;
  readonly timings: Pick<Timings, 'queue_ms' | 'first_token_ms'>;
  readonly degraded: readonly DegradedToken[];
}

export interface GenerateWork {
  readonly request: QueryRequest;
  readonly chunks: readonly RetrievedChunk[];
}

const DEFAULT_MAX_TOKENS = 512;

/**
 * Has the model write the answer, and checks it against the sources. Undefined when the model failed before its
 * first token and the request leaves the mode open; else throws what the generator throws.
 */
export async function generateAnswer(
  generator: Generator,
  work: GenerateWork,
  options: AnswerOptions,
): Promise<Generated | undefined> {
  const progress = { hasBegun: false };
  try {
    return await generate(generator, work, options, progress);
  } catch (error) {
    const mayExtract = work.request.mode === 'auto' && !progress.hasBegun && error instanceof ModelError;
    if (mayExtract && error.code !== 'DEADLINE_EXCEEDED') return undefined;
    throw error;
  }
}

async function generate(
  generator: Generator,
  { request, chunks }: GenerateWork,
  options: AnswerOptions,
  progress: { hasBegun: boolean },
): Promise<Generated> {
  const { signal, deadlineMs, listener } = options;
  const maxTokens = request.max_tokens ?? defaultMaxTokens(generator);
  const fitted = await fitSources(generator, { request, chunks, maxTokens }, options);
  await listener?.sources(fitted.chunks.map((found, position) => citationOfChunk(found, position + 1)));
  const events = generator.generate(
    {
      prompt: buildPrompt(request.query, fitted.texts),
      maxTokens,
      temperature: request.temperature ?? 0,
      seed: request.seed,
    },
    { signal, deadlineMs },
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
  return finish(answer, fitted, chunks.length, done);
}

function defaultMaxTokens(generator: Generator): number {
  return Math.min(DEFAULT_MAX_TOKENS, Math.floor((generator.info()?.contextTokens ?? 2048) / 4));
}

interface Fitted {
  readonly chunks: readonly RetrievedChunk[];
  readonly texts: readonly string[];
}

/** The best chunks that fit beside the question and the answer. */
async function fitSources(
  generator: Generator,
  { request, chunks, maxTokens }: GenerateWork & { readonly maxTokens: number },
  { signal, deadlineMs }: AnswerOptions,
): Promise<Fitted> {
  const texts = chunks.map((found, position) => sourceText(found, position + 1));
  const [frame, counts] = await Promise.all([
    generator.countPrompt(buildPrompt(request.query, []), { signal, deadlineMs }),
    generator.countTokens(texts, { signal, deadlineMs }),
  ]);
  const room = (generator.info()?.contextTokens ?? 2048) - maxTokens - frame;
  const count = countFitting(counts, room);
  if (count === 0) throw new ModelError('PROMPT_TOO_LONG');
  return { chunks: chunks.slice(0, count), texts: texts.slice(0, count) };
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
  answer: string,
  fitted: Fitted,
  offered: number,
  done: Extract<GenerateEvent, { type: 'done' }> | undefined,
): Generated {
  const isNone = answer.trim() === '' || answer.includes(NO_ANSWER);
  const { citations, unsupported } = isNone
    ? { citations: [], unsupported: [] }
    : verifyAnswer(answer, fitted.chunks);
  const usage = usageOf(done, offered - fitted.chunks.length);
  return {
    body: {
      answer: answer.trim() === '' ? NO_ANSWER : answer,
      mode: isNone ? 'none' : 'generative',
      citations: [...citations],
      ...(unsupported.length === 0 ? {} : { unsupported: [...unsupported] }),
      usage,
    },
    timings:
      done === undefined ? {} : { queue_ms: done.timings.queueMs, first_token_ms: done.timings.firstTokenMs },
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
      : { truncated: { chunks: leftOut, reason: 'The context of the model has no room for them.' } }),
  };
}
