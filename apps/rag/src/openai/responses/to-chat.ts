import {
  ChatCompletionRequest,
  type OpenAiMessage,
  type ResponseInputItem,
  type ResponsesRequest,
} from '@xnai/contracts';
import { ServiceError, validateFields } from '@xnai/service';

/**
 * A request in the words of chat completions, so that there is one path for both.
 *
 * @throws {ServiceError} VALIDATION when a chat cannot do what is asked for
 */
export function toChat(body: ResponsesRequest, items: readonly ResponseInputItem[]): ChatCompletionRequest {
  const { instructions, text, tools, tool_choice: choice } = body;
  requireOutputs(items);
  const checked = validateFields(ChatCompletionRequest, {
    model: body.model,
    messages: [...(instructions ? [{ role: 'system', content: instructions }] : []), ...toMessages(items)],
    max_completion_tokens: body.max_output_tokens,
    temperature: body.temperature,
    top_p: body.top_p,
    response_format: formatOf(text?.format),
    tools: tools?.map(({ type, ...definition }) => ({ type, function: definition })),
    tool_choice:
      typeof choice === 'object' && choice ? { type: choice.type, function: { name: choice.name } } : choice,
    parallel_tool_calls: body.parallel_tool_calls,
    service_tier: body.service_tier,
    stream: body.stream,
  });
  if ('error' in checked) throw inOwnWords(checked.error);
  return checked.value;
}

function requireOutputs(items: readonly ResponseInputItem[]): void {
  const answered = new Set(
    items.flatMap((item) => (item.type === 'function_call_output' ? item.call_id : [])),
  );
  for (const item of items) {
    if (item.type !== 'function_call' || answered.has(item.call_id)) continue;
    const message = `expected an item of the type function_call_output for the call ${item.call_id}`;
    throw new ServiceError('VALIDATION', {
      detail: `input: ${message}`,
      errors: [{ path: 'input', message }],
    });
  }
}

function formatOf(format: NonNullable<ResponsesRequest['text']>['format']) {
  if (format?.type !== 'json_schema') return format;
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}

type Said = Pick<OpenAiMessage, 'role' | 'content'> & { tool_calls?: object[]; tool_call_id?: string };

/** Calls of one turn are one message of the assistant. */
function toMessages(items: readonly ResponseInputItem[]): readonly Said[] {
  const messages: Said[] = [];
  for (const item of items) {
    if (item.type === 'reasoning' || item.type === 'item_reference') continue;
    if (item.type === 'function_call') addCall(messages, item);
    else if (item.type === 'function_call_output')
      messages.push({ role: 'tool', tool_call_id: item.call_id, content: textOf(item.output) });
    else messages.push({ role: item.role, content: textOf(item.content) });
  }
  return messages;
}

function addCall(
  messages: Said[],
  { call_id: id, name, arguments: given }: Extract<ResponseInputItem, { type: 'function_call' }>,
): void {
  const call = { id, type: 'function', function: { name, arguments: given } };
  const last = messages.at(-1);
  if (last?.role === 'assistant') last.tool_calls = [...(last.tool_calls ?? []), call];
  else messages.push({ role: 'assistant', content: null, tool_calls: [call] });
}

function textOf(content: Extract<ResponseInputItem, { content: unknown }>['content']): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');
}

/** Fields that a chat names otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  messages: 'input',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  tools: 'tools',
  tool_choice: 'tool_choice',
};

/** An error of the chat that a request became, with the names of its own fields. */
export function inOwnWords(error: unknown): unknown {
  if (!(error instanceof ServiceError) || error.code !== 'VALIDATION') return error;
  const path = error.errors?.[0]?.path ?? '';
  const [field = ''] = path.split('.');
  const name = NAMES[field];
  if (name === undefined) return error;
  const rename = (text: string) =>
    text.replace(field, name).replace(/^(tools\.\d+|tool_choice)\.function\b/, '$1');
  return new ServiceError('VALIDATION', {
    cause: error,
    detail: rename(error.message),
    errors: (error.errors ?? []).map((one) => ({ ...one, path: rename(one.path) })),
  });
}
