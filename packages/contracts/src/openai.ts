import { z } from 'zod';
import { checkTools, ToolFields } from './openai-tools.ts';

/**
 * What OpenAI's clients and Jina's rerank clients send. Fields that mean nothing here are ignored, as clients send
 * many; `null` stands for "not given", as some clients write it.
 */
export const MaxTokens = z
  .int()
  .min(-1)
  .max(131_072)
  .refine((tokens) => tokens !== 0, 'expected at least 1, or -1 for as many as there is room for')
  .nullish();

const TextPart = z.object({
  type: z.literal('text').describe('Only texts are read'),
  text: z.string().describe('The text'),
});

const Content = z.union([z.string(), z.array(TextPart).min(1).max(100)], {
  error: 'expected a text, or a list of text parts; images and sound are not read',
});

const FunctionCall = z.object({
  name: z.string().describe('Of the function'),
  arguments: z.string().describe('As JSON'),
});

const ToolCall = z.object({
  id: z.string().nullish().describe('Which the result names'),
  function: FunctionCall.describe('What is called'),
});

/** One message of a chat; text only. The results of calls follow the assistant that called. */
export const OpenAiMessage = z
  .object({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']).describe('Who says it'),
    content: Content.nullish().describe('A text, or parts of it; an assistant that comes last is continued'),
    tool_calls: z.array(ToolCall).max(128).nullish().describe('What the assistant called'),
    tool_call_id: z.string().nullish().describe('Of the call that a tool answers'),
    function_call: FunctionCall.nullish().describe('The older form of `tool_calls`'),
  })
  .refine(({ role, content }) => role === 'assistant' || content != null, {
    path: ['content'],
    error: 'expected a text; only an assistant that calls tools has none',
  })
  .meta({ id: 'OpenAiMessage', description: 'One message of a chat' });
export type OpenAiMessage = z.infer<typeof OpenAiMessage>;

const StopText = z.string().max(200);

const Sampling = {
  max_tokens: MaxTokens.describe('Limit of the answer; -1 for as many as there is room for'),
  temperature: z.number().min(0).max(2).nullish().describe('0 takes the likeliest words'),
  top_p: z.number().gt(0).max(1).nullish().describe('Share of the likeliest words that are taken'),
  top_k: z
    .int()
    .min(0)
    .max(1000)
    .nullish()
    .describe('Number of the likeliest words that are taken; 0 for all'),
  min_p: z.number().min(0).max(1).nullish().describe('Share of the likeliest word that others must reach'),
  seed: z.int().nullish().describe('The same one gives the same answer'),
  stop: z
    .union([StopText, z.array(StopText).max(16)], {
      error: 'expected up to 16 texts of at most 200 characters',
    })
    .nullish()
    .describe('Texts that end the answer, and are not part of it'),
  frequency_penalty: z
    .number()
    .min(-2)
    .max(2)
    .nullish()
    .describe('Against words, the more often they were said'),
  presence_penalty: z.number().min(-2).max(2).nullish().describe('Against words that were said'),
  n: z.literal(1, 'only one choice is made').nullish().describe('Number of choices'),
  stream: z.boolean().nullish().describe('Server-sent events instead of one answer'),
  stream_options: z
    .object({ include_usage: z.boolean().nullish().describe('A last chunk with the usage') })
    .nullish()
    .describe('Of a stream'),
};

const JsonSchemaFormat = z.object({
  type: z.literal('json_schema').describe('JSON by a schema'),
  json_schema: z
    .object({ schema: z.record(z.string(), z.unknown()).describe('JSON schema of the answer') })
    .describe('The schema with its name'),
});

const NO_PROBABILITIES = 'probabilities of tokens are not given';

/** Body of `POST /v1/chat/completions`. */
export const ChatCompletionRequest = z
  .object({
    model: z
      .string()
      .min(1)
      .max(200)
      .describe(
        'Id of the model, or `rag:{collection}` to ask a collection; `rag` is the collection `default`',
      ),
    messages: z
      .array(OpenAiMessage)
      .min(1, 'expected at least one message')
      .max(1000)
      .describe('The oldest first'),
    ...Sampling,
    max_completion_tokens: MaxTokens.describe('The newer name of `max_tokens`'),
    logprobs: z.literal(false, NO_PROBABILITIES).nullish().describe('Not given'),
    ...ToolFields,
    logit_bias: z
      .record(z.string(), z.number())
      .refine((bias) => Object.keys(bias).length === 0, 'words cannot be weighted')
      .nullish()
      .describe('Weights of words'),
    top_logprobs: z.literal(0, NO_PROBABILITIES).nullish().describe('Not given'),
    /** `flex` lets requests of the other tiers go ahead. */
    service_tier: z
      .enum(['auto', 'default', 'flex', 'scale', 'priority'])
      .nullish()
      .describe('`flex` lets requests of the other tiers go ahead'),
    response_format: z
      .discriminatedUnion('type', [
        z.object({ type: z.literal('text').describe('Text as it comes') }),
        // As llama-server takes it, with a schema.
        z.object({
          type: z.literal('json_object').describe('JSON of any form, or by a schema'),
          schema: z.record(z.string(), z.unknown()).nullish().describe('JSON schema of the answer'),
        }),
        JsonSchemaFormat,
      ])
      .nullish()
      .describe('Form of the answer'),
  })
  .superRefine(checkTools)
  .meta({ id: 'ChatCompletionRequest' });
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>;

const Prompt = z.string().min(1);

/** Body of `POST /v1/completions`. */
export const CompletionRequest = z
  .object({
    model: z.string().min(1).max(200).describe('Id of the model'),
    prompt: z
      .union([Prompt, z.array(Prompt).min(1).max(20)], {
        error: 'expected a text, or a list of 1 to 20 texts; token ids are not read',
      })
      .describe('Texts that are continued as they are'),
    ...Sampling,
    logprobs: z.null(NO_PROBABILITIES).optional().describe('Not given'),
    echo: z.literal(false, 'the prompt is not repeated').nullish().describe('Whether the prompt is repeated'),
    suffix: z.literal('', 'a text is only continued').nullish().describe('What comes behind the text'),
    best_of: z
      .literal(1, 'only one choice is made')
      .nullish()
      .describe('Number of choices to take the best of'),
  })
  .meta({ id: 'CompletionRequest' });
export type CompletionRequest = z.infer<typeof CompletionRequest>;

const EmbeddingInput = z.string().min(1, 'expected a text that is not empty');
const TokenIds = z.array(z.int().min(0)).min(1);
const MAX_INPUTS = 2048;

/** Body of `POST /v1/embeddings`. */
export const EmbeddingRequest = z
  .object({
    model: z.string().min(1).max(200).describe('Id of the embedding model'),
    input: z
      .union(
        [
          EmbeddingInput,
          z.array(EmbeddingInput).min(1).max(MAX_INPUTS),
          TokenIds,
          z.array(TokenIds).min(1).max(MAX_INPUTS),
        ],
        {
          error:
            'expected a text, or a list of 1 to 2,048 texts, none of them empty, or the same as token ids',
        },
      )
      .describe("The texts, or their token ids in OpenAI's encoding cl100k_base"),
    encoding_format: z.enum(['float', 'base64']).nullish().describe('Of each vector'),
    dimensions: z.int().min(1).nullish().describe('Of the vectors, as the model has them'),
  })
  .meta({ id: 'EmbeddingRequest' });
export type EmbeddingRequest = z.infer<typeof EmbeddingRequest>;

const MAX_RERANKED = 1000;

/** Body of `POST /v1/rerank`, `/rerank` and `/v2/rerank`, in the forms of Jina, Cohere and Text Embeddings Inference. */
export const RerankRequest = z
  .object({
    model: z.string().min(1).max(200).nullish().describe('Id of the reranking model'),
    query: z.string().trim().min(1).max(10_000).describe('What the texts are ordered by'),
    documents: z
      .array(
        z.union([z.string(), z.object({ text: z.string().describe('The text') })], {
          error: 'expected a text, or an object with a text',
        }),
      )
      .min(1)
      .max(MAX_RERANKED)
      .nullish()
      .describe('The texts'),
    texts: z
      .array(z.string())
      .min(1)
      .max(MAX_RERANKED)
      .nullish()
      .describe('The texts, in the form of Text Embeddings Inference, which the answer has then too'),
    top_n: z.int().min(1).nullish().describe('Largest number of results'),
    return_documents: z.boolean().nullish().describe('Repeats each text in its result'),
    return_text: z.boolean().nullish().describe('The same, with `texts`'),
    raw_scores: z
      .literal(false, 'scores are from 0 to 1')
      .nullish()
      .describe('Whether scores are what the model computes'),
  })
  .refine(({ documents, texts }) => (documents == null) !== (texts == null), {
    path: ['documents'],
    error: 'expected a list of texts, here or in the field texts',
  })
  .meta({ id: 'RerankRequest' });
export type RerankRequest = z.infer<typeof RerankRequest>;

/** Error answer of the OpenAI-compatible routes. */
export const OpenAiError = z
  .object({
    error: z
      .object({
        message: z.string().describe('For people'),
        type: z.string().describe('Kind of the error'),
        param: z.string().nullable().describe('The field that is wrong'),
        code: z.string().nullable().describe('To decide by'),
      })
      .describe('What failed'),
  })
  .meta({ id: 'OpenAiError' });
export type OpenAiError = z.infer<typeof OpenAiError>;
