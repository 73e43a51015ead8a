import { z } from 'zod';
import { Citation } from './query.ts';

/** Answers in the forms of OpenAI and Jina. They may have more fields than are named here. */
const Usage = z.looseObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int() }).describe('Tokens of a beginning that was kept'),
});

const head = { id: z.string(), created: z.int().describe('Seconds since 1970'), model: z.string() };
const Finish = z.enum(['stop', 'length']);

/** Answer of `POST /v1/chat/completions`; with `stream`, chunks of it as server-sent events and `[DONE]`. */
export const ChatCompletion = z
  .looseObject({
    ...head,
    object: z.literal('chat.completion'),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({ role: z.literal('assistant'), content: z.string() }),
        finish_reason: Finish,
      }),
    ),
    usage: Usage,
    citations: z.array(Citation).optional().describe('Where the model is a collection'),
  })
  .meta({ id: 'ChatCompletion' });
export type ChatCompletion = z.infer<typeof ChatCompletion>;

/** Answer of `POST /v1/completions`, with a choice for each prompt. */
export const Completion = z
  .looseObject({
    ...head,
    object: z.literal('text_completion'),
    choices: z.array(z.looseObject({ index: z.int(), text: z.string(), finish_reason: Finish })),
    usage: Usage,
  })
  .meta({ id: 'Completion' });
export type Completion = z.infer<typeof Completion>;

/** Answer of `POST /v1/embeddings`. */
export const EmbeddingList = z
  .looseObject({
    object: z.literal('list'),
    data: z.array(
      z.looseObject({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z
          .union([z.array(z.number()), z.string()])
          .describe('With `encoding_format` base64: 32-bit floats, the least byte first'),
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'EmbeddingList' });

/** Answer of `POST /v1/rerank`, best first. */
export const RerankList = z
  .looseObject({
    results: z.array(
      z.looseObject({
        index: z.int().describe('Position in the request'),
        relevance_score: z.number(),
        document: z.object({ text: z.string() }).optional(),
      }),
    ),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'RerankList' });

/** A model, or a collection to chat with. */
export const OpenAiModel = z
  .looseObject({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string() })
  .meta({ id: 'OpenAiModel' });

export const OpenAiModelList = z
  .object({ object: z.literal('list'), data: z.array(OpenAiModel) })
  .meta({ id: 'OpenAiModelList' });
