import type { ChatCompletionRequest } from '@xnai/contracts';
import type { ChatMessage, GenerateEvent, Generator, ModelCallOptions } from '@xnai/inference';
import type { ChatEvent } from './chat-event.ts';
import { toGenerateRequest, toolsOf } from './generate-request.ts';
import { type Done, toTimings, toUsage } from './usage.ts';

export interface ModelChat {
  readonly body: ChatCompletionRequest;
  readonly messages: readonly ChatMessage[];
}

/** The model by itself: nothing is retrieved. */
export async function* answerFromModel(
  generator: Generator,
  { body, messages }: ModelChat,
  options: ModelCallOptions,
): AsyncGenerator<ChatEvent, void, void> {
  const { tools, calls } = toolsOf(body);
  const prompt = { kind: 'chat', messages, ...(tools && { tools }) } as const;
  const request = { ...toGenerateRequest(prompt, body), calls, thinks: true };
  let hasBegun = false;
  for await (const event of generator.generate(request, options)) {
    if (!hasBegun) yield { type: 'begin', extra: {} };
    hasBegun = true;
    yield toChatEvent(event);
  }
}

function toChatEvent(event: GenerateEvent): ChatEvent {
  switch (event.type) {
    case 'token':
      return { type: 'text', text: event.text };
    case 'done':
      return endOf(event);
    default:
      return event;
  }
}

function endOf(event: Done): ChatEvent {
  const finish = event.finish === 'calls' ? 'tool_calls' : event.finish;
  return { type: 'end', finish, usage: toUsage([event]), extra: { timings: toTimings(event) } };
}
