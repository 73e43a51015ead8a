import type { OpenAiMessage } from '@xnai/contracts';
import type { AnsweredCall, ChatMessage } from '@xnai/inference';
import { ServiceError } from '@xnai/service';

/** A chat for a model: what an assistant called stands with the results, which follow it as messages of their own. */
export function toChatMessages(messages: readonly OpenAiMessage[]): readonly ChatMessage[] {
  const results = new Set<OpenAiMessage>();
  return messages.flatMap((message, index) => {
    const calls = callsOf(message);
    if (calls.length === 0) return results.has(message) ? [] : [toChatMessage(message)];
    const following = resultsAfter(messages, index);
    for (const result of following) results.add(result);
    const answered = calls.map((call, at): AnsweredCall => {
      const path = `messages.${index}.tool_calls.${at}`;
      const named = following.find(({ tool_call_id: id }) => id != null && id === call.id);
      const result = named ?? following.filter(({ tool_call_id: id }) => id == null)[at];
      if (result === undefined) throw invalid(path, 'expected a message of the role "tool" with its result');
      return {
        name: call.name,
        arguments: readArguments(call.arguments, path),
        result: textOf(result.content),
      };
    });
    return [{ role: 'assistant' as const, content: textOf(message.content), calls: answered }];
  });
}

/** A message by itself. A result whose call is not there is told in words. */
export function toChatMessage({ role, content }: OpenAiMessage): ChatMessage {
  const text = textOf(content);
  if (role === 'tool' || role === 'function')
    return { role: 'user', content: `Result of the call:\n${text}` };
  return { role: role === 'developer' ? 'system' : role, content: text };
}

/** Whether a message is between an assistant and its tools. */
export function isToolTalk({ role, content }: OpenAiMessage): boolean {
  return isResult({ role }) || textOf(content) === '';
}

function isResult({ role }: Pick<OpenAiMessage, 'role'>): boolean {
  return role === 'tool' || role === 'function';
}

function resultsAfter(messages: readonly OpenAiMessage[], index: number): readonly OpenAiMessage[] {
  const rest = messages.slice(index + 1);
  const end = rest.findIndex((message) => !isResult(message));
  return end === -1 ? rest : rest.slice(0, end);
}

function callsOf({ role, tool_calls: calls, function_call: older }: OpenAiMessage) {
  if (role !== 'assistant') return [];
  const newer = (calls ?? []).map(({ id, function: called }) => ({ id, ...called }));
  return newer.length > 0 || older == null ? newer : [{ id: undefined, ...older }];
}

function readArguments(text: string, path: string): AnsweredCall['arguments'] {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as AnsweredCall['arguments'];
  } catch {
    // Refused below, as a value that is no object is.
  }
  throw invalid(`${path}.function.arguments`, 'expected a JSON object in a text, such as "{}"');
}

function textOf(content: OpenAiMessage['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join('\n');
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError('VALIDATION', { detail: `${path}: ${message}`, errors: [{ path, message }] });
}
