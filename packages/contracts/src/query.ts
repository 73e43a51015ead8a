import { z } from 'zod';
import { Degraded } from './degraded.ts';
import { CollectionName } from './names.ts';
import { Filter, pageFields, QueryText, Retrieval, Searched } from './search.ts';

/** How an answer is made; `auto` generates if a model is ready, and quotes otherwise. */
export const AnswerMode = z.enum(['auto', 'generative', 'extractive']).meta({ id: 'AnswerMode' });
export type AnswerMode = z.infer<typeof AnswerMode>;

/** How much is quoted around the statements that answer: the sentences, or their whole paragraphs and entries. */
export const QuoteLength = z.enum(['short', 'full']).meta({ id: 'QuoteLength' });
export type QuoteLength = z.infer<typeof QuoteLength>;

/** Body of `POST /v1/query`. */
export const QueryRequest = z
  .strictObject({
    query: QueryText,
    collection: CollectionName.default('default'),
    top_k: z.int().min(1).max(100).default(8),
    mode: AnswerMode.default('auto'),
    quotes: QuoteLength.default('short').describe(
      'Of extractive answers: the sentences that answer, or the whole paragraphs and entries that they are part of',
    ),
    stream: z.boolean().default(false),
    max_tokens: z.int().min(1).max(4096).optional(),
    temperature: z.number().min(0).max(2).optional(),
    seed: z.int().min(0).optional(),
    filter: Filter.optional(),
  })
  .meta({ id: 'QueryRequest' });
export type QueryRequest = z.infer<typeof QueryRequest>;

/** `[index]` in the answer refers here; `document.text.slice(start, end)` is the quote (UTF-16 units). */
export const Citation = z
  .object({
    index: z.int().min(1),
    document_id: z.string(),
    chunk_id: z.string(),
    url: z.string().nullable(),
    title: z.string().nullable(),
    heading: z.array(z.string()),
    quote: z.string(),
    start: z.int(),
    end: z.int(),
    ...pageFields,
    score: z.number(),
    verified: z.boolean(),
  })
  .meta({ id: 'Citation' });
export type Citation = z.infer<typeof Citation>;

/** Tokens that an answer took. */
export const Usage = z
  .object({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    cached_tokens: z.int().optional(),
    truncated: z
      .object({ chunks: z.int(), reason: z.string() })
      .optional()
      .describe('What was left out of the prompt, and why'),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;

/** Milliseconds spent in each step. */
export const Timings = z
  .object({
    retrieval_ms: z.number(),
    answer_ms: z.number(),
    total_ms: z.number(),
    queue_ms: z.number().optional(),
    first_token_ms: z.number().optional(),
  })
  .meta({ id: 'Timings' });
export type Timings = z.infer<typeof Timings>;

/** An answer with its citations; spans are UTF-16 offsets into `answer`. */
export const QueryResponse = z
  .object({
    answer: z.string(),
    mode: z.enum(['generative', 'extractive', 'none']),
    finish_reason: z
      .enum(['stop', 'length'])
      .optional()
      .describe('Why the model ended a generative answer; `length`: at the limit of tokens'),
    citations: z.array(Citation),
    unsupported: z
      .array(z.object({ start: z.int(), end: z.int() }))
      .optional()
      .describe('Spans of the answer that no citation supports'),
    missing: z
      .array(z.string())
      .optional()
      .describe(
        'With mode `none`: what the question asks for by name and nothing that was found mentions, as in "error 99"',
      ),
    nearest: z
      .array(Citation)
      .optional()
      .describe('With mode `none`: what comes nearest to the question without answering it, best first'),
    searched: Searched.optional(),
    retrieval: Retrieval,
    usage: Usage,
    timings: Timings,
    degraded: Degraded,
  })
  .meta({ id: 'QueryResponse' });
export type QueryResponse = z.infer<typeof QueryResponse>;

/** Event of a streamed answer: the chunks that were retrieved. */
export const SourcesEvent = z.object({ citations: z.array(Citation) }).meta({ id: 'SourcesEvent' });
export type SourcesEvent = z.infer<typeof SourcesEvent>;

/** Event of a streamed answer: the next piece of its text. */
export const TokenEvent = z.object({ text: z.string() }).meta({ id: 'TokenEvent' });
export type TokenEvent = z.infer<typeof TokenEvent>;

/** Data of the events of a streamed answer, by their names. A further `sources` replaces the one before it. */
export const QUERY_EVENTS = { sources: SourcesEvent, token: TokenEvent, done: QueryResponse } as const;
