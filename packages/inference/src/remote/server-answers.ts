import { z } from 'zod';

// What the servers answer, as far as it is read: vLLM, SGLang, llama-server, Ollama and rag itself.

const Name = z.string().max(400);

export const ModelList = z.object({
  data: z
    .array(
      z.object({
        id: Name,
        /** rag tells it. */
        type: z.string().nullish(),
        owned_by: z.string().nullish(),
        /** vLLM, SGLang and rag tell it. */
        max_model_len: z.number().int().positive().nullish(),
      }),
    )
    .max(10_000),
});

/** llama-server tells there how much fits. */
export const Props = z.object({
  default_generation_settings: z.object({ n_ctx: z.number().int().positive() }),
});

const Count = z.number().int().min(0);

const Usage = z.object({
  prompt_tokens: Count.nullish(),
  completion_tokens: Count.nullish(),
  prompt_tokens_details: z.object({ cached_tokens: Count.nullish() }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: Count.nullish() }).nullish(),
});
export type Usage = z.infer<typeof Usage>;

export type CalledPart = z.infer<typeof ToolCallPart>['function'];

const ToolCallPart = z.object({
  index: z.number().int().min(0).nullish(),
  function: z.object({ name: Name.nullish(), arguments: z.string().nullish() }).nullish(),
});

const Part = z.object({
  content: z.string().nullish(),
  /** vLLM, SGLang and llama-server; newer ones and Ollama write `reasoning`. */
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
  tool_calls: z.array(ToolCallPart).nullish(),
});

/** One event of a chat or of a completion. */
export const Chunk = z.object({
  model: Name.nullish(),
  choices: z
    .array(
      z.object({
        delta: Part.nullish(),
        text: z.string().nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .max(8)
    .default([]),
  usage: Usage.nullish(),
  error: z.unknown().optional(),
});
export type Chunk = z.infer<typeof Chunk>;

const Likely = z.object({ token: z.string(), logprob: z.number() });

/** A chat that is not streamed; `logprobs` where they were asked for. */
export const Chat = z.object({
  model: Name.nullish(),
  choices: z
    .array(
      z.object({
        message: Part,
        logprobs: z
          .object({ content: z.array(z.object({ top_logprobs: z.array(Likely) })).nullish() })
          .nullish(),
      }),
    )
    .min(1),
  usage: Usage.nullish(),
});

export const Embeddings = z.object({
  model: Name.nullish(),
  data: z.array(z.object({ index: Count, embedding: z.array(z.number()) })),
  usage: Usage.nullish(),
});

export const Ranking = z.object({
  model: Name.nullish(),
  results: z.array(z.object({ index: Count, relevance_score: z.number() })),
  usage: Usage.nullish(),
});

/** Of vLLM and SGLang (`count`) and of llama-server (`tokens`). */
export const Tokens = z.union([
  z.object({ count: Count }).transform(({ count }) => count),
  z.object({ tokens: z.array(z.unknown()) }).transform(({ tokens }) => tokens.length),
]);
