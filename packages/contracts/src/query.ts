import { z } from 'zod';
import { Degraded } from './degraded.ts';
import { Filter } from './filter.ts';
import { CollectionName } from './names.ts';
import { pageFields, QueryText, Retrieval, Searched } from './search.ts';

export const AnswerMode = z.enum(['auto', 'generative', 'extractive']).meta({
  id: 'AnswerMode',
  description: 'How an answer is made; `auto` generates if a model is ready, and quotes otherwise',
});
export type AnswerMode = z.infer<typeof AnswerMode>;

export const QuoteLength = z.enum(['short', 'full']).meta({
  id: 'QuoteLength',
  description:
    'How much is quoted around the statements that answer: the sentences, or their whole paragraphs and entries',
});
export type QuoteLength = z.infer<typeof QuoteLength>;

/** Body of `POST /v1/query`. */
export const QueryRequest = z
  .strictObject({
    query: QueryText,
    collection: CollectionName.default('default'),
    top_k: z
      .int()
      .min(1)
      .max(100)
      .default(8)
      .describe('Number of chunks that an answer is made from, at most'),
    mode: AnswerMode.default('auto'),
    quotes: QuoteLength.default('short').describe(
      'Of extractive answers: the sentences that answer, or the whole paragraphs and entries that they are part of',
    ),
    stream: z.boolean().default(false).describe('Server-sent events instead of one answer'),
    max_tokens: z.int().min(1).max(4096).optional().describe('Limit of a generated answer'),
    temperature: z.number().min(0).max(2).optional().describe('0 takes the likeliest words'),
    seed: z.int().min(0).optional().describe('The same one gives the same answer'),
    filter: Filter.optional(),
  })
  .meta({ id: 'QueryRequest' });
export type QueryRequest = z.infer<typeof QueryRequest>;

/** `[index]` in the answer refers here; `document.text.slice(start, end)` is the quote (UTF-16 units). */
export const Citation = z
  .object({
    index: z.int().min(1).describe('The n of `[n]` in the answer'),
    document_id: z.string().describe('Document that is quoted'),
    chunk_id: z.string().describe('Chunk that is quoted'),
    url: z.string().nullable().describe('Of the document'),
    title: z.string().nullable().describe('Of the document'),
    heading: z.array(z.string()).describe('Heading path, outermost first'),
    quote: z.string().describe('`text.slice(start, end)` of the document'),
    start: z.int().describe('UTF-16 offset in the text of the document'),
    end: z.int().describe('UTF-16 offset behind it'),
    ...pageFields,
    score: z.number().describe('Of the chunk for the question'),
    verified: z.boolean().describe('Whether the statement before `[n]` was found to say what the quote says'),
  })
  .meta({ id: 'Citation', description: '`[index]` in the answer refers here' });
export type Citation = z.infer<typeof Citation>;

export const Usage = z
  .object({
    prompt_tokens: z.int().describe('Of the prompt'),
    completion_tokens: z.int().describe('Of the answer'),
    total_tokens: z.int().describe('Of both'),
    cached_tokens: z.int().optional().describe('Of the prompt, kept from before'),
    truncated: z
      .object({ chunks: z.int().describe('Number of chunks left out'), reason: z.string().describe('Why') })
      .optional()
      .describe('What was left out of the prompt, and why'),
  })
  .meta({ id: 'Usage', description: 'Tokens that an answer took; 0 where no model wrote it' });
export type Usage = z.infer<typeof Usage>;

export const Timings = z
  .object({
    retrieval_ms: z.number().describe('To find the chunks'),
    answer_ms: z.number().describe('To make the answer'),
    total_ms: z.number().describe('In all'),
    queue_ms: z.number().optional().describe('Waiting for the model'),
    first_token_ms: z.number().optional().describe('Until the first word of the model'),
  })
  .meta({ id: 'Timings', description: 'Milliseconds spent in each step' });
export type Timings = z.infer<typeof Timings>;

/** An answer with its citations; spans are UTF-16 offsets into `answer`. */
export const QueryResponse = z
  .object({
    answer: z.string().describe('With `[n]` behind what citation n supports'),
    mode: z
      .enum(['generative', 'extractive', 'none'])
      .describe('`none`: nothing relevant was found, and the answer says so'),
    finish_reason: z
      .enum(['stop', 'length'])
      .optional()
      .describe('Why the model ended a generative answer; `length`: at the limit of tokens'),
    citations: z.array(Citation).describe('In the order of their index'),
    unsupported: z
      .array(
        z.object({
          start: z.int().describe('UTF-16 offset in the answer'),
          end: z.int().describe('UTF-16 offset behind it'),
        }),
      )
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
    cached: z
      .literal(true)
      .optional()
      .describe(
        'The answer was made for an equal question before; the header `Age` says how many seconds ago',
      ),
    retrieval: Retrieval,
    usage: Usage,
    timings: Timings,
    degraded: Degraded,
  })
  .meta({ id: 'QueryResponse' });
export type QueryResponse = z.infer<typeof QueryResponse>;

/** Event of a streamed answer: the chunks that were retrieved. */
export const SourcesEvent = z
  .object({ citations: z.array(Citation).describe('The chunks that were retrieved; not verified yet') })
  .meta({ id: 'SourcesEvent' });
export type SourcesEvent = z.infer<typeof SourcesEvent>;

/** Event of a streamed answer: the next piece of its text. */
export const TokenEvent = z
  .object({ text: z.string().describe('The next piece of the answer') })
  .meta({ id: 'TokenEvent' });
export type TokenEvent = z.infer<typeof TokenEvent>;

/** Data of the events of a streamed answer, by their names. A further `sources` replaces the one before it. */
export const QUERY_EVENTS = { sources: SourcesEvent, token: TokenEvent, done: QueryResponse } as const;
