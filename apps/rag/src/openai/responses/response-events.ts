import { randomUUID } from 'node:crypto';
import type { ModelResponse, ResponsesRequest } from '@xnai/contracts';
import type { ChatEvent, ChatSource } from '../chat-event.ts';
import { createOutputItems, type Named, type OutputItem } from './output-items.ts';

/** One event of a streamed answer; the response is in the first two and the last. */
export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly response?: ModelResponse;
}

/** An answer as OpenAI's events, from `response.created` to `response.completed` or `response.incomplete`. */
export async function* responseEvents(
  source: ChatSource,
  body: ResponsesRequest,
): AsyncGenerator<ResponseEvent, void, void> {
  const toEvents = createToEvents(body);
  let next = 0;
  for await (const event of source) {
    for (const [type, fields] of toEvents(event)) yield { type, sequence_number: next++, ...fields };
  }
}

function createToEvents(body: ResponsesRequest): (event: ChatEvent) => readonly Named[] {
  const started = begin(body);
  const output = createOutputItems();
  let hasBegun = false;
  return (event) => {
    if (event.type === 'begin') {
      const response = { ...started, ...event.extra };
      const isAgain = hasBegun;
      hasBegun = true;
      return isAgain ? [] : [created('created', response), created('in_progress', response)];
    }
    if (event.type !== 'end') return output.add(event);
    const status = statusOf(event);
    const ending = output.end(status, event.annotations ?? []);
    return [...ending, created(status, finish(started, event, output.items))];
  };
}

const created = (what: string, response: ModelResponse): Named => [`response.${what}`, { response }];

function begin(body: ResponsesRequest): ModelResponse {
  return {
    id: `resp_${randomUUID().replaceAll('-', '')}`,
    object: 'response',
    created_at: now(),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: body.model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    store: body.store ?? true,
    temperature: body.temperature ?? null,
    text: { format: body.text?.format ?? { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? null,
    truncation: 'disabled',
    usage: null,
  };
}

type End = Extract<ChatEvent, { type: 'end' }>;

const statusOf = ({ finish: reason }: End) => (reason === 'length' ? 'incomplete' : 'completed');

function finish(started: ModelResponse, end: End, output: readonly OutputItem[]): ModelResponse {
  const status = statusOf(end);
  return {
    ...started,
    ...end.extra,
    status,
    completed_at: status === 'completed' ? now() : null,
    incomplete_details: status === 'completed' ? null : { reason: 'max_output_tokens' },
    output: [...output],
    usage: usageOf(end.usage),
  };
}

function usageOf(usage: End['usage']): ModelResponse['usage'] {
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { ...usage.prompt_tokens_details },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { ...usage.completion_tokens_details },
    total_tokens: usage.total_tokens,
  };
}

const now = () => Math.floor(Date.now() / 1000);
