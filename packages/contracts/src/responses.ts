import { z } from 'zod';
import { MaxTokens } from './openai.ts';
import { UrlCitation } from './openai-answers.ts';

/** What clients of OpenAI's Responses API send. Fields that mean nothing here are ignored, as in chat completions. */
const InputText = z.object({
  type: z.enum(['input_text', 'output_text']).describe('Only texts are read'),
  text: z.string().describe('The text'),
});

const Content = z.union([z.string(), z.array(InputText).min(1).max(100)], {
  error: 'expected a text, or a list of parts of the type input_text; images, files and sound are not read',
});

const Message = z.object({
  type: z.literal('message').optional().describe('Kind of the item; the default'),
  role: z.enum(['user', 'assistant', 'system', 'developer']).describe('Who says it'),
  content: Content.describe('A text, or parts of it'),
});

const FunctionCall = z.object({
  type: z.literal('function_call').describe('Kind of the item'),
  call_id: z.string().min(1).describe('That its output names'),
  name: z.string().min(1).describe('Of the function'),
  arguments: z.string().describe('As JSON'),
});

const FunctionCallOutput = z.object({
  type: z.literal('function_call_output').describe('Kind of the item'),
  call_id: z.string().min(1).describe('Of the call'),
  output: Content.describe('What the function gave'),
});

const Reasoning = z.object({
  type: z.literal('reasoning').describe('Kind of the item; its thoughts are left out'),
});

const ItemReference = z.object({
  type: z.literal('item_reference').describe('Kind of the item'),
  id: z.string().min(1).max(200).describe('Of an item of an earlier answer that was kept'),
});

/** One item of a conversation. */
export const ResponseInputItem = z
  .discriminatedUnion('type', [Message, FunctionCall, FunctionCallOutput, Reasoning, ItemReference], {
    error: ({ code }) =>
      code === 'invalid_union'
        ? 'expected an item of the type message, function_call, function_call_output, reasoning or item_reference'
        : undefined,
  })
  .meta({ id: 'ResponseInputItem', description: 'One item of a conversation' });
export type ResponseInputItem = z.infer<typeof ResponseInputItem>;

const FunctionTool = z.object({
  type: z
    .literal('function', 'only functions of the caller are called; no tool runs here')
    .describe('Kind of the tool'),
  name: z.string().describe('Of the function'),
  description: z.string().nullish().describe('What it does, for the model'),
  parameters: z.record(z.string(), z.unknown()).nullish().describe('JSON schema of its arguments'),
  strict: z.boolean().nullish().describe('Arguments are always held to the schema'),
});

const NOT_HERE = 'is not possible here: send the whole conversation as input';

/** Body of `POST /v1/responses`. */
export const ResponsesRequest = z
  .object({
    model: z
      .string()
      .min(1)
      .max(200)
      .describe(
        'Id of the model, or `rag:{collection}` to ask a collection; `rag` is the collection `default`',
      ),
    input: z
      .union([z.string().min(1), z.array(ResponseInputItem).min(1).max(1000)], {
        // What is wrong inside of a list says more.
        error: ({ input }) =>
          Array.isArray(input) && input.length > 0
            ? undefined
            : 'expected a text, or a list of items such as {"role": "user", "content": "…"}',
      })
      .describe('A question, or the items of a conversation, the oldest first'),
    instructions: z.string().nullish().describe('For the model, ahead of the input'),
    previous_response_id: z
      .string()
      .min(1)
      .max(200)
      .nullish()
      .describe('Of a kept answer; its conversation stands before the input'),
    store: z
      .boolean()
      .nullish()
      .describe('Whether the conversation is kept in memory for a while, to be continued; the default'),
    max_output_tokens: MaxTokens.describe('Limit of the answer; -1 for as many as there is room for'),
    temperature: z.number().min(0).max(2).nullish().describe('0 takes the likeliest words'),
    top_p: z.number().gt(0).max(1).nullish().describe('Share of the likeliest words that are taken'),
    text: z
      .object({
        format: z
          .discriminatedUnion('type', [
            z.object({ type: z.literal('text').describe('Text as it comes') }),
            z.object({ type: z.literal('json_object').describe('JSON of any form') }),
            z.object({
              type: z.literal('json_schema').describe('JSON by a schema'),
              name: z.string().nullish().describe('Of the schema'),
              schema: z.record(z.string(), z.unknown()).describe('JSON schema of the answer'),
              strict: z.boolean().nullish().describe('Answers are always held to the schema'),
            }),
          ])
          .nullish()
          .describe('Form of the answer'),
      })
      .nullish()
      .describe('How the answer is written'),
    tools: z.array(FunctionTool).max(128).nullish().describe('Functions that may be called'),
    tool_choice: z
      .union([
        z.enum(['none', 'auto', 'required']),
        z.object({
          type: z.literal('function').describe('Kind of the tool'),
          name: z.string().describe('Of the function'),
        }),
      ])
      .nullish()
      .describe('Whether functions are called, or which'),
    parallel_tool_calls: z.boolean().nullish().describe('Whether several may be called at once'),
    service_tier: z
      .enum(['auto', 'default', 'flex', 'scale', 'priority'])
      .nullish()
      .describe('`flex` lets requests of the other tiers go ahead'),
    metadata: z.record(z.string(), z.string()).nullish().describe('Repeated in the answer'),
    top_logprobs: z.literal(0, 'probabilities of tokens are not given').nullish().describe('Not given'),
    background: z
      .literal(false, 'an answer is waited for, or streamed')
      .nullish()
      .describe('Whether it is answered later'),
    conversation: z.null(NOT_HERE).optional().describe('Not possible'),
    prompt: z.null(NOT_HERE).optional().describe('Not possible'),
    stream: z.boolean().nullish().describe('Server-sent events instead of one answer'),
  })
  .meta({ id: 'ResponsesRequest' });
export type ResponsesRequest = z.infer<typeof ResponsesRequest>;

const OutputText = z.looseObject({
  type: z.literal('output_text').describe('Kind of the part'),
  text: z.string().describe('The text'),
  annotations: z
    .array(UrlCitation.extend({ type: z.literal('url_citation').describe('Kind of the annotation') }))
    .describe('Where the model is a collection'),
});

const Status = z.enum(['in_progress', 'completed', 'incomplete', 'failed']);

const OutputMessage = z.looseObject({
  type: z.literal('message').describe('Kind of the item'),
  id: z.string().describe('Of the item'),
  role: z.literal('assistant').describe('Who says it'),
  status: Status.describe('How far it is'),
  content: z.array(OutputText).describe('Its text'),
});

const OutputCall = z.looseObject({
  type: z.literal('function_call').describe('Kind of the item'),
  id: z.string().describe('Of the item'),
  call_id: z.string().describe('For its output'),
  name: z.string().describe('Of the function'),
  arguments: z.string().describe('As JSON'),
  status: Status.describe('How far it is; `incomplete`: its arguments are cut'),
});

const OutputThought = z.looseObject({
  type: z.literal('reasoning').describe('Kind of the item'),
  id: z.string().describe('Of the item'),
  status: Status.describe('How far it is'),
  summary: z.array(z.unknown()).describe('Empty'),
  content: z
    .array(
      z.object({
        type: z.literal('reasoning_text').describe('Kind of the part'),
        text: z.string().describe('The text'),
      }),
    )
    .describe('What the model thought'),
});

const ResponseUsage = z.object({
  input_tokens: z.int().describe('Of the prompt'),
  input_tokens_details: z
    .object({ cached_tokens: z.int().describe('Number of them') })
    .describe('Tokens of a beginning that was kept'),
  output_tokens: z.int().describe('Of the answer'),
  output_tokens_details: z
    .object({ reasoning_tokens: z.int().describe('Of them, thoughts') })
    .describe('What they were'),
  total_tokens: z.int().describe('Of both'),
});

/** Answer of `POST /v1/responses`; with `stream`, OpenAI's events, of which the last one holds it. */
export const ModelResponse = z
  .looseObject({
    id: z.string().describe('Of the answer'),
    object: z.literal('response').describe('Kind of the answer'),
    created_at: z.int().describe('Seconds since 1970'),
    status: Status.describe('`incomplete`: at the limit of tokens'),
    model: z.string().describe('As it was asked for'),
    output: z
      .array(z.discriminatedUnion('type', [OutputMessage, OutputCall, OutputThought]))
      .describe('The answer'),
    previous_response_id: z.string().nullable().describe('As it was asked for'),
    store: z.boolean().describe('Whether the conversation is kept'),
    usage: ResponseUsage.nullable().describe('Tokens that it took'),
  })
  .meta({ id: 'ModelResponse' });
export type ModelResponse = z.infer<typeof ModelResponse>;

/** Answer of `DELETE /v1/responses/{id}`. */
export const DeletedResponse = z
  .object({
    id: z.string().describe('Of the answer'),
    object: z.literal('response').describe('Kind of what was kept'),
    deleted: z.literal(true).describe('It is kept no more'),
  })
  .meta({ id: 'DeletedResponse' });
