import { randomUUID } from 'node:crypto';
import type { ChatCompletion } from '@xnai/contracts';
import type { ChatEvent } from './chat-event.ts';

type Message = ChatCompletion['choices'][number]['message'];
type ToolCall = NonNullable<Message['tool_calls']>[number];

/** The message that the events of an answer make together. */
export function createChatMessage() {
  let content = '';
  let thought = '';
  const calls: ToolCall[] = [];
  return {
    add(event: ChatEvent): void {
      const last = calls.at(-1);
      if (event.type === 'text') content += event.text;
      if (event.type === 'thought') thought += event.text;
      if (event.type === 'call') calls.push(beginCall(event.name));
      if (event.type === 'arguments' && last !== undefined) last.function.arguments += event.text;
    },
    /** A call that the limit of tokens has cut is left out: its arguments are no JSON. */
    read(isOfFunctions: boolean): Message {
      const whole = calls.filter((call) => isJson(call.function.arguments));
      const [first] = whole;
      return {
        role: 'assistant',
        content: content === '' && first !== undefined ? null : content,
        ...(thought === '' ? {} : { reasoning_content: thought }),
        ...(first === undefined
          ? {}
          : isOfFunctions
            ? { function_call: first.function }
            : { tool_calls: whole }),
      };
    },
  };
}

/** Calls in the deltas of a stream: the first of each has its id and name, the others have parts of the arguments. */
export function createCallDeltas(isOfFunctions: boolean) {
  let index = -1;
  return (event: Extract<ChatEvent, { type: 'call' | 'arguments' }>): object => {
    if (event.type === 'call') index += 1;
    const { function: begun, ...head } = beginCall(event.type === 'call' ? event.name : '');
    const part = event.type === 'call' ? begun : { arguments: event.text };
    if (isOfFunctions) return { function_call: part };
    return { tool_calls: [{ index, ...(event.type === 'call' ? head : {}), function: part }] };
  };
}

function beginCall(name: string): ToolCall {
  const id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  return { id, type: 'function', function: { name, arguments: '' } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
