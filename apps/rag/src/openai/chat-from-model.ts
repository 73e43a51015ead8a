import type { ChatCompletionRequest } from '@xnai/contracts';
import type { ChatMessage, Generator, ModelCallOptions } from '@xnai/inference';
import type { ChatEvent } from './chat-answer.ts';
import { toGenerateRequest } from './generate-request.ts';
import { toTimings, toUsage } from './usage.ts';

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
  let hasBegun = false;
  for await (const event of generator.generate(
    toGenerateRequest({ kind: 'chat', messages }, body),
    options,
  )) {
    if (!hasBegun) yield { type: 'begin', extra: {} };
    hasBegun = true;
    if (event.type === 'token') yield { type: 'text', text: event.text };
    else
      yield {
        type: 'end',
        finish: event.finish,
        usage: toUsage([event]),
        extra: { timings: toTimings(event) },
      };
  }
}
