import { expect, it } from 'vitest';
import type { ChatEvent } from '../chat-event.ts';
import { responseEvents } from './response-events.ts';

const usage = {
  prompt_tokens: 3,
  completion_tokens: 5,
  total_tokens: 8,
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 1 },
};

async function eventsOf(...parts: readonly ChatEvent[]) {
  async function* source() {
    yield* [{ type: 'begin', extra: {} } as const, ...parts];
  }
  const events = [];
  for await (const event of responseEvents(source(), { model: 'm', input: 'x' })) events.push(event);
  return events;
}

const end = (finish: 'stop' | 'length' | 'tool_calls'): ChatEvent => ({
  type: 'end',
  finish,
  usage,
  extra: {},
});

it('thoughts, text and calls are items one after the other, each with its own deltas', async () => {
  const events = await eventsOf(
    { type: 'thought', text: 'Hm' },
    { type: 'thought', text: '.' },
    { type: 'text', text: 'Let me see.' },
    { type: 'call', name: 'tide' },
    { type: 'arguments', text: '{"at":' },
    { type: 'arguments', text: '1}' },
    { type: 'call', name: 'now' },
    { type: 'arguments', text: '{}' },
    end('tool_calls'),
  );
  const seen = events.slice(2, -1).map(({ type, ...fields }) => {
    const { output_index: index } = fields as { output_index?: number };
    return `${index} ${type.replace(/^response\./, '')}`;
  });
  expect(seen).toEqual([
    '0 output_item.added',
    '0 content_part.added',
    '0 reasoning_text.delta',
    '0 reasoning_text.delta',
    '0 reasoning_text.done',
    '0 content_part.done',
    '0 output_item.done',
    '1 output_item.added',
    '1 content_part.added',
    '1 output_text.delta',
    '1 output_text.done',
    '1 content_part.done',
    '1 output_item.done',
    '2 output_item.added',
    '2 function_call_arguments.delta',
    '2 function_call_arguments.delta',
    '2 function_call_arguments.done',
    '2 output_item.done',
    '3 output_item.added',
    '3 function_call_arguments.delta',
    '3 function_call_arguments.done',
    '3 output_item.done',
  ]);
  expect(events.at(-1)?.response).toMatchObject({
    status: 'completed',
    output: [
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Hm.' }] },
      { type: 'message', content: [{ text: 'Let me see.' }] },
      { type: 'function_call', name: 'tide', arguments: '{"at":1}', status: 'completed' },
      { type: 'function_call', name: 'now', arguments: '{}' },
    ],
    usage: {
      input_tokens: 3,
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 1 },
      total_tokens: 8,
    },
  });
});

it('a call that the limit of tokens has cut is incomplete, and an answer without a word an empty text', async () => {
  const cut = await eventsOf(
    { type: 'call', name: 'tide' },
    { type: 'arguments', text: '{"a' },
    end('length'),
  );
  expect(cut.at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { output: [{ type: 'function_call', status: 'incomplete' }] },
  });
  const empty = await eventsOf(end('stop'));
  expect(empty.at(-1)?.response?.output).toMatchObject([{ type: 'message', content: [{ text: '' }] }]);
});
