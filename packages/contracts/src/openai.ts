import { z } from 'zod';

/**
 * What OpenAI's clients and Jina's rerank clients send. Fields that mean nothing here are ignored, as clients send
 * many; `null` stands for "not given", as some clients write it.
 */
const Tokens = z
  .int()
  .min(-1)
  .max(131_072)
  .refine((tokens) => tokens !== 0, 'expected at least 1, or -1 for as many as there is room for')
  .nullish();

const TextPart = z.object({ type: z.literal('text'), text: z.string() });

const Content = z.union([z.string(), z.array(TextPart).min(1).max(100)], {
  error: 'expected a text, or a list of text parts; images and sound are not read',
});

const ToolCall = z.object({ function: z.object({ name: z.string(), arguments: z.string() }) });

/** One message of a chat; text only. What tools were asked and said elsewhere is read as part of the chat. */
export const OpenAiMessage = z
  .object({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
    content: Content.nullish(),
    tool_calls: z.array(ToolCall).max(128).nullish(),
  })
  .refine(({ role, content }) => role === 'assistant' || content != null, {
    path: ['content'],
    error: 'expected a text; only an assistant that calls tools has none',
  })
  .meta({ id: 'OpenAiMessage' });
export type OpenAiMessage = z.infer<typeof OpenAiMessage>;

const StopText = z.string().max(200);

const Sampling = {
  max_tokens: Tokens,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.int().min(0).max(1000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: z
    .union([StopText, z.array(StopText).max(16)], {
      error: 'expected up to 16 texts of at most 200 characters',
    })
    .nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  n: z.literal(1, 'only one choice is made').nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
};

const JsonSchemaFormat = z.object({
  type: z.literal('json_schema'),
  json_schema: z.object({ schema: z.record(z.string(), z.unknown()) }),
});

const NO_TOOLS = 'no tools are called: leave them out, or send tool_choice "none"';
const NO_PROBABILITIES = 'probabilities of tokens are not given';

/** Body of `POST /v1/chat/completions`. */
export const ChatCompletionRequest = z
  .object({
    model: z.string().min(1).max(200),
    messages: z.array(OpenAiMessage).min(1, 'expected at least one message').max(1000),
    ...Sampling,
    max_completion_tokens: Tokens,
    logprobs: z.literal(false, NO_PROBABILITIES).nullish(),
    tool_choice: z.enum(['none', 'auto'], NO_TOOLS).nullish(),
    tools: z.array(z.unknown()).nullish(),
    functions: z.array(z.unknown()).max(0, NO_TOOLS).nullish(),
    function_call: z.enum(['none'], NO_TOOLS).nullish(),
    logit_bias: z
      .record(z.string(), z.number())
      .refine((bias) => Object.keys(bias).length === 0, 'words cannot be weighted')
      .nullish(),
    top_logprobs: z.literal(0, NO_PROBABILITIES).nullish(),
    /** `flex` lets requests of the other tiers go ahead. */
    service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority']).nullish(),
    response_format: z
      .discriminatedUnion('type', [
        z.object({ type: z.literal('text') }),
        // As llama-server takes it, with a schema.
        z.object({ type: z.literal('json_object'), schema: z.record(z.string(), z.unknown()).nullish() }),
        JsonSchemaFormat,
      ])
      .nullish(),
  })
  .refine(({ tools, tool_choice: choice }) => choice === 'none' || (tools ?? []).length === 0, {
    path: ['tools'],
    error: NO_TOOLS,
  })
  .meta({ id: 'ChatCompletionRequest' });
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>;

const Prompt = z.string().min(1);

/** Body of `POST /v1/completions`. */
export const CompletionRequest = z
  .object({
    model: z.string().min(1).max(200),
    prompt: z.union([Prompt, z.array(Prompt).min(1).max(20)], {
      error: 'expected a text, or a list of 1 to 20 texts; token ids are not read',
    }),
    ...Sampling,
    logprobs: z.null(NO_PROBABILITIES).optional(),
    echo: z.literal(false, 'the prompt is not repeated').nullish(),
    suffix: z.literal('', 'a text is only continued').nullish(),
    best_of: z.literal(1, 'only one choice is made').nullish(),
  })
  .meta({ id: 'CompletionRequest' });
export type CompletionRequest = z.infer<typeof CompletionRequest>;

const EmbeddingInput = z.string().min(1, 'expected a text that is not empty');

/** Body of `POST /v1/embeddings`. */
export const EmbeddingRequest = z
  .object({
    model: z.string().min(1).max(200),
    input: z.union([EmbeddingInput, z.array(EmbeddingInput).min(1).max(2048)], {
      error:
        'expected a text, or a list of 1 to 2,048 texts, none of them empty; token ids of another model are not read',
    }),
    encoding_format: z.enum(['float', 'base64']).nullish(),
    dimensions: z.int().min(1).nullish(),
  })
  .meta({ id: 'EmbeddingRequest' });
export type EmbeddingRequest = z.infer<typeof EmbeddingRequest>;

/** Body of `POST /v1/rerank`. */
export const RerankRequest = z
  .object({
    model: z.string().min(1).max(200).nullish(),
    query: z.string().trim().min(1).max(10_000),
    documents: z
      .array(
        z.union([z.string(), z.object({ text: z.string() })], {
          error: 'expected a text, or an object with a text',
        }),
      )
      .min(1)
      .max(1000),
    top_n: z.int().min(1).nullish(),
    return_documents: z.boolean().nullish(),
  })
  .meta({ id: 'RerankRequest' });
export type RerankRequest = z.infer<typeof RerankRequest>;

/** Error answer of the OpenAI-compatible routes. */
export const OpenAiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAiError' });
export type OpenAiError = z.infer<typeof OpenAiError>;
