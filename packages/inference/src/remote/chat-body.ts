import type { CheckedRequest } from '../json-schema/check-schemas.ts';
import type { ChatMessage, Prompt, Tool } from '../model.ts';
import type { AskedServer } from './remote-calls.ts';

/** A request in the words of OpenAI, and of those that took them over. */
export function generateBody(
  request: CheckedRequest & { readonly seed?: number | undefined },
  server: Pick<AskedServer, 'info' | 'can'>,
): object {
  const { prompt } = request;
  return {
    model: server.info.id,
    ...(prompt.kind === 'text'
      ? { prompt: prompt.text }
      : chatFields(prompt, server, request.thinks === true)),
    ...samplingOf(request),
    ...toolFields(request),
    ...(request.jsonSchema === undefined ? {} : { response_format: schemaFormat(request.jsonSchema) }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

type Chat = Extract<Prompt, { kind: 'chat' }>;

export function chatFields({ messages }: Chat, { can }: Pick<AskedServer, 'can'>, thinks: boolean): object {
  const last = messages.at(-1);
  const isContinued = last?.role === 'assistant' && last.calls === undefined;
  return {
    messages: messages.flatMap(toMessages),
    // vLLM continues the last message by these; llama-server and rag do so by themselves.
    ...(isContinued ? { continue_final_message: true, add_generation_prompt: false } : {}),
    ...(can.switchesThought && !thinks ? NO_THOUGHT : {}),
  };
}

/** Read by the chat templates of models that may think: vLLM, SGLang and llama-server hand it on. */
export const NO_THOUGHT = { chat_template_kwargs: { enable_thinking: false } };

export function schemaFormat(schema: object): object {
  return { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } };
}

function samplingOf(request: CheckedRequest): object {
  return {
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    min_p: request.minP,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    stop: request.stop,
  };
}

function toolFields({ prompt, calls }: CheckedRequest): object {
  const tools = prompt.kind === 'chat' ? (prompt.tools ?? []) : [];
  if (calls === undefined || tools.length === 0) return {};
  const { choice, name, isParallel } = calls;
  return {
    tools: tools.map(toFunction),
    tool_choice: name === undefined ? choice : { type: 'function', function: { name } },
    parallel_tool_calls: isParallel,
  };
}

function toFunction({ name, description, parameters }: Tool): object {
  return { type: 'function', function: { name, description, parameters } };
}

/** The calls of an assistant, and what came of each. */
function toMessages({ role, content, calls }: ChatMessage, at: number): readonly object[] {
  if (calls === undefined || calls.length === 0) return [{ role, content }];
  const ids = calls.map((_, index) => `call_${at}_${index}`);
  const toolCalls = calls.map(({ name, arguments: given }, index) => ({
    id: ids[index],
    type: 'function',
    function: { name, arguments: JSON.stringify(given) },
  }));
  const results = calls.map(({ result }, index) => ({
    role: 'tool',
    tool_call_id: ids[index],
    content: result,
  }));
  return [{ role, content, tool_calls: toolCalls }, ...results];
}
