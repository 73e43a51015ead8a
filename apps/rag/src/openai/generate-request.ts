import type { ChatCompletionRequest, CompletionRequest, OpenAiMessage } from '@xnai/contracts';
import type { ChatMessage, GenerateRequest, Prompt } from '@xnai/inference';

type Sampling = Omit<CompletionRequest, 'model' | 'prompt' | 'logprobs'> &
  Partial<Pick<ChatCompletionRequest, 'max_completion_tokens' | 'response_format'>>;

/** A request in OpenAI's words as the generator takes it. */
export function toGenerateRequest(prompt: Prompt, body: Sampling): GenerateRequest {
  return {
    prompt,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    temperature: body.temperature ?? undefined,
    topP: body.top_p ?? undefined,
    topK: body.top_k ?? undefined,
    minP: body.min_p ?? undefined,
    seed: body.seed ?? undefined,
    stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? undefined),
    frequencyPenalty: body.frequency_penalty ?? undefined,
    presencePenalty: body.presence_penalty ?? undefined,
    jsonSchema: schemaOf(body.response_format),
  };
}

export function toChatMessage({ role, content }: OpenAiMessage): ChatMessage {
  return { role: role === 'developer' ? 'system' : role, content: textOf(content) };
}

function textOf(content: OpenAiMessage['content']): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');
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
