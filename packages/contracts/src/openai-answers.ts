import { z } from 'zod';
import { Citation } from './query.ts';

/** Answers in the forms of OpenAI and Jina. They may have more fields than are named here. */
const Usage = z.looseObject({
  prompt_tokens: z.int().describe('Of the prompt'),
  completion_tokens: z.int().describe('Of the answer'),
  total_tokens: z.int().describe('Of both'),
  prompt_tokens_details: z
    .object({ cached_tokens: z.int().describe('Number of them') })
    .describe('Tokens of a beginning that was kept'),
  completion_tokens_details: z
    .object({ reasoning_tokens: z.int().describe('Number of them') })
    .describe('Tokens that the model thought before it answered'),
});

const head = {
  id: z.string().describe('Of the answer'),
  created: z.int().describe('Seconds since 1970'),
  model: z.string().describe('As it was asked for'),
};

/** A mark `[n]` of an answer, with the address of its source. */
export const UrlCitation = z
  .object({
    url: z.string().describe('Of the source on the web, or else the address that opens it in the console'),
    title: z.string().describe('Of the source'),
    start_index: z.int().describe('Of the mark `[n]` in the answer, in code points'),
    end_index: z.int().describe('Exclusive'),
  })
  .meta({ id: 'UrlCitation' });
export type UrlCitation = z.infer<typeof UrlCitation>;

const Annotation = z.object({
  type: z.literal('url_citation').describe('Kind of the annotation'),
  url_citation: UrlCitation.describe('The mark and its source'),
});

const FunctionCall = z.object({
  name: z.string().describe('Of the function'),
  arguments: z.string().describe('JSON, valid by the parameters of the function'),
});

const ToolCall = z.object({
  id: z.string().describe('Which the message with the result names'),
  type: z.literal('function').describe('Kind of the tool'),
  function: FunctionCall.describe('What is called'),
});

const Finish = z.enum(['stop', 'length']);
const ChatFinish = z.enum(['stop', 'length', 'tool_calls', 'function_call']);

/** Answer of `POST /v1/chat/completions`; with `stream`, chunks of it as server-sent events and `[DONE]`. */
export const ChatCompletion = z
  .looseObject({
    ...head,
    object: z.literal('chat.completion').describe('Kind of the answer'),
    choices: z
      .array(
        z.looseObject({
          index: z.int().describe('Of the choice'),
          message: z
            .looseObject({
              role: z.literal('assistant').describe('Who says it'),
              content: z.string().nullable().describe('Its text; null where it only calls'),
              reasoning_content: z.string().optional().describe('What the model thought before'),
              tool_calls: z.array(ToolCall).optional().describe('What it calls'),
              function_call: FunctionCall.optional().describe(
                'What it calls, where `functions` were offered',
              ),
              annotations: z.array(Annotation).optional().describe('Where the model is a collection'),
            })
            .describe('The answer'),
          finish_reason: ChatFinish.describe(
            'Why it ended; `length`: at the limit of tokens; `tool_calls`, `function_call`: to learn the results',
          ),
        }),
      )
      .describe('One'),
    usage: Usage.describe('Tokens that it took'),
    citations: z.array(Citation).optional().describe('Where the model is a collection'),
  })
  .meta({ id: 'ChatCompletion' });
export type ChatCompletion = z.infer<typeof ChatCompletion>;

/** Answer of `POST /v1/completions`, with a choice for each prompt. */
export const Completion = z
  .looseObject({
    ...head,
    object: z.literal('text_completion').describe('Kind of the answer'),
    choices: z
      .array(
        z.looseObject({
          index: z.int().describe('Of the prompt'),
          text: z.string().describe('What follows it'),
          finish_reason: Finish.describe('Why it ended; `length`: at the limit of tokens'),
        }),
      )
      .describe('One for each prompt'),
    usage: Usage.describe('Tokens of all of them'),
  })
  .meta({ id: 'Completion' });
export type Completion = z.infer<typeof Completion>;

/** Answer of `POST /v1/embeddings`. */
export const EmbeddingList = z
  .looseObject({
    object: z.literal('list').describe('Kind of the answer'),
    data: z
      .array(
        z.looseObject({
          object: z.literal('embedding').describe('Kind of the entry'),
          index: z.int().describe('Of the text'),
          embedding: z
            .union([z.array(z.number()), z.string()])
            .describe('With `encoding_format` base64: 32-bit floats, the least byte first'),
        }),
      )
      .describe('In the order of the texts'),
    model: z.string().describe('As it was asked for'),
    usage: z
      .object({ prompt_tokens: z.int().describe('Of the texts'), total_tokens: z.int().describe('The same') })
      .describe('Tokens that were read'),
  })
  .meta({ id: 'EmbeddingList' });

/** Answer of `POST /v1/rerank`, best first. */
export const RerankList = z
  .looseObject({
    results: z
      .array(
        z.looseObject({
          index: z.int().describe('Position in the request'),
          relevance_score: z.number().describe('Higher is better'),
          document: z
            .object({ text: z.string().describe('The text') })
            .optional()
            .describe('With `return_documents`'),
        }),
      )
      .describe('Best first'),
    usage: z
      .object({ prompt_tokens: z.int().describe('Of the texts'), total_tokens: z.int().describe('The same') })
      .describe('Tokens that were read'),
  })
  .meta({ id: 'RerankList' });

/** Answer of `POST /rerank` with `texts`, in the form of Text Embeddings Inference, best first. */
export const RankedTexts = z
  .array(
    z.object({
      index: z.int().describe('Position in the request'),
      score: z.number().describe('Higher is better'),
      text: z.string().optional().describe('With `return_text`'),
    }),
  )
  .meta({ id: 'RankedTexts' });
export type RankedTexts = z.infer<typeof RankedTexts>;

/** A model, or a collection to chat with. */
export const OpenAiModel = z
  .looseObject({
    id: z.string().describe('To ask for'),
    object: z.literal('model').describe('Kind of the entry'),
    type: z.enum(['chat', 'embedding', 'rerank']).describe('What it is for; collections are chatted with'),
    created: z.int().describe('Seconds since 1970: when it was loaded, or the collection last changed'),
    owned_by: z.string().describe('Always `xnai`'),
  })
  .meta({ id: 'OpenAiModel' });

export type OpenAiModel = z.infer<typeof OpenAiModel>;

export const OpenAiModelList = z
  .object({
    object: z.literal('list').describe('Kind of the answer'),
    data: z.array(OpenAiModel).describe('Models, then collections'),
  })
  .meta({ id: 'OpenAiModelList' });
