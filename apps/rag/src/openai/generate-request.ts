import { type ChatCompletionRequest, type CompletionRequest, offeredTools } from '@xnai/contracts';
import type { GenerateRequest, Prompt, Tool } from '@xnai/inference';

type Sampling = Omit<CompletionRequest, 'model' | 'prompt' | 'logprobs'> &
  Partial<Pick<ChatCompletionRequest, 'max_completion_tokens' | 'response_format'>>;

/** A request in OpenAI's words as the generator takes it. */
export function toGenerateRequest(prompt: Prompt, body: Sampling): GenerateRequest {
  return {
    prompt,
    maxTokens: maxTokensOf(body),
    temperature: body.temperature ?? undefined,
    topP: body.top_p ?? undefined,
    topK: body.top_k ?? undefined,
    minP: body.min_p ?? undefined,
    seed: body.seed ?? undefined,
    stop: stopsOf(body),
    frequencyPenalty: body.frequency_penalty ?? undefined,
    presencePenalty: body.presence_penalty ?? undefined,
    jsonSchema: schemaOf(body.response_format),
  };
}

/** Some clients send -1 for "no limit". */
export function maxTokensOf({ max_completion_tokens, max_tokens }: Sampling): number | undefined {
  const tokens = max_completion_tokens ?? max_tokens;
  return tokens == null || tokens < 0 ? undefined : tokens;
}

/** Some clients send an empty text for "none". */
export function stopsOf({ stop }: Pick<Sampling, 'stop'>): string[] | undefined {
  const texts = [stop ?? []].flat().filter((text) => text !== '');
  return texts.length === 0 ? undefined : texts;
}

/** The tools of a chat, and the rule by which they are called; neither where none may be. */
export function toolsOf(body: ChatCompletionRequest): {
  readonly tools?: readonly Tool[];
  readonly calls?: GenerateRequest['calls'];
} {
  const { functions, choice } = offeredTools(body);
  if (functions.length === 0 || choice === 'none') return {};
  const tools = functions.map(({ name, description, parameters }) => ({
    name,
    description: description ?? undefined,
    parameters: parameters ?? {},
  }));
  const isNamed = typeof choice === 'object';
  const isParallel = body.parallel_tool_calls !== false && !isNamed && !body.functions?.length;
  return {
    tools,
    calls: {
      choice: choice === 'auto' ? 'auto' : 'required',
      name: isNamed ? choice.name : undefined,
      isParallel,
    },
  };
}

function schemaOf(format: ChatCompletionRequest['response_format']) {
  switch (format?.type) {
    case 'json_schema':
      return format.json_schema.schema;
    case 'json_object':
      return format.schema ?? {};
    default:
      return undefined;
  }
}
