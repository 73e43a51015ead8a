import type { ChatCompletionRequest, CompletionRequest, OpenAiMessage } from '@xnai/contracts';
import type { ChatMessage, GenerateRequest, Prompt } from '@xnai/inference';

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

/** Whether a message is between an assistant and its tools. */
export function isToolTalk({ role, content }: OpenAiMessage): boolean {
  return role === 'tool' || role === 'function' || textOf(content) === '';
}

/** Templates of small models know no tools: what they were asked and said is told in words. */
export function toChatMessage({ role, content, tool_calls: calls }: OpenAiMessage): ChatMessage {
  const text = textOf(content);
  if (role === 'tool' || role === 'function')
    return { role: 'user', content: `Result of the call:\n${text}` };
  const called = (calls ?? []).map((call) => `Call: ${call.function.name}(${call.function.arguments})`);
  return {
    role: role === 'developer' ? 'system' : role,
    content: [text, ...called].filter((part) => part !== '').join('\n'),
  };
}

function textOf(content: OpenAiMessage['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join('\n');
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
