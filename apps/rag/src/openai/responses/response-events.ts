import { randomUUID } from 'node:crypto';
import type { ModelResponse, ResponsesRequest, UrlCitation } from '@xnai/contracts';
import type { ChatEvent, ChatSource } from '../chat-answer.ts';

/** One event of a streamed answer; the response is in the first two and the last. */
export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly response?: ModelResponse;
}

type End = Extract<ChatEvent, { type: 'end' }>;
type Fields = Omit<ResponseEvent, 'type' | 'sequence_number'> & Readonly<Record<string, unknown>>;

/** An answer as OpenAI's events, from `response.created` to `response.completed` or `response.incomplete`. */
export async function* responseEvents(
  source: ChatSource,
  body: ResponsesRequest,
): AsyncGenerator<ResponseEvent, void, void> {
  const numbered = createNumbering();
  const started = begin(body);
  const id = `msg_${randomUUID()}`;
  const place = { item_id: id, output_index: 0, content_index: 0 };
  let text = '';
  let hasBegun = false;
  for await (const event of source) {
    if (event.type === 'begin' && !hasBegun) {
      hasBegun = true;
      yield* numbered(opening({ ...started, ...event.extra }, id));
    }
    if (event.type === 'text') {
      text += event.text;
      yield* numbered([['response.output_text.delta', { ...place, delta: event.text, logprobs: [] }]]);
    }
    if (event.type === 'end') {
      const annotations = (event.annotations ?? []).map(toAnnotation);
      const item = messageOf(id, { text, annotations, status: statusOf(event) });
      yield* numbered([
        ...annotations.map(
          (annotation, annotation_index): Named => [
            'response.output_text.annotation.added',
            { ...place, annotation, annotation_index },
          ],
        ),
        ['response.output_text.done', { ...place, text, logprobs: [] }],
        ['response.content_part.done', { ...place, part: item.content[0] }],
        ['response.output_item.done', { output_index: 0, item }],
        [`response.${item.status}`, { response: finish(started, event, [item]) }],
      ]);
    }
  }
}

type Named = readonly [type: string, fields: Fields];

function createNumbering() {
  let next = 0;
  return function* (events: readonly Named[]): Generator<ResponseEvent> {
    for (const [type, fields] of events) yield { type, sequence_number: next++, ...fields };
  };
}

function opening(response: ModelResponse, id: string): readonly Named[] {
  const { content, ...item } = messageOf(id, { text: '', annotations: [], status: 'in_progress' });
  return [
    ['response.created', { response }],
    ['response.in_progress', { response }],
    ['response.output_item.added', { output_index: 0, item: { ...item, content: [] } }],
    ['response.content_part.added', { item_id: id, output_index: 0, content_index: 0, part: content[0] }],
  ];
}

function begin(body: ResponsesRequest): ModelResponse {
  return {
    id: `resp_${randomUUID()}`,
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

function finish(started: ModelResponse, end: End, output: ModelResponse['output']): ModelResponse {
  const status = statusOf(end);
  return {
    ...started,
    ...end.extra,
    status,
    completed_at: status === 'completed' ? now() : null,
    incomplete_details: status === 'completed' ? null : { reason: 'max_output_tokens' },
    output,
    usage: usageOf(end.usage),
  };
}

function messageOf(
  id: string,
  {
    text,
    annotations,
    status,
  }: Pick<OutputText, 'text' | 'annotations'> & { status: ModelResponse['status'] },
): ModelResponse['output'][number] {
  const part = { type: 'output_text' as const, text, annotations, logprobs: [] };
  return { type: 'message', id, status, role: 'assistant', content: [part] };
}

type OutputText = ModelResponse['output'][number]['content'][number];

const statusOf = ({ finish }: End) => (finish === 'length' ? 'incomplete' : 'completed');

const toAnnotation = (citation: UrlCitation) => ({ type: 'url_citation' as const, ...citation });

function usageOf(usage: End['usage']): ModelResponse['usage'] {
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { ...usage.prompt_tokens_details },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.total_tokens,
  };
}

const now = () => Math.floor(Date.now() / 1000);
