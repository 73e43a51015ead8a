import { randomUUID } from 'node:crypto';
import type { ChatCompletion, ChatCompletionRequest, UrlCitation } from '@xnai/contracts';
import { streamData } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toOpenAiError } from './openai-error.ts';

/** One answer in a chat, wherever it comes from. `extra` rides beside `choices`; a further `begin` replaces that before. */
export type ChatEvent =
  | { readonly type: 'begin'; readonly extra: object }
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end';
      readonly finish: 'stop' | 'length';
      readonly usage: ChatCompletion['usage'];
      /** Where the answer has citations. */
      readonly annotations?: readonly UrlCitation[];
      readonly extra: object;
    };

export type ChatSource = AsyncIterable<ChatEvent>;

export async function wholeChat(
  source: ChatSource,
  { model }: ChatCompletionRequest,
): Promise<ChatCompletion> {
  let content = '';
  for await (const event of source) {
    if (event.type === 'text') content += event.text;
    if (event.type !== 'end') continue;
    const message = { role: 'assistant', content, ...annotationsOf(event) } as const;
    const choices = [{ index: 0, message, logprobs: null, finish_reason: event.finish }];
    return { ...head(model, 'chat.completion'), choices, usage: event.usage, ...event.extra };
  }
  throw new Error('The answer has no end');
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A failure before the first word is an ordinary error response; a later one is an error object in the stream. */
export function streamChat(
  source: ChatSource,
  { model, stream_options }: ChatCompletionRequest,
  { request, reply }: Exchange,
): Promise<void> {
  const frame = head(model, 'chat.completion.chunk');
  const toParts = createParts(stream_options?.include_usage === true);
  const write = async (send: (data: object) => Promise<void>) => {
    for await (const event of source) {
      for (const part of toParts(event)) await send({ ...frame, ...part });
    }
  };
  return streamData(request, reply, write, toOpenAiError);
}

/** The parts of chunks that an event is sent as. */
function createParts(includeUsage: boolean): (event: ChatEvent) => object[] {
  let hasBegun = false;
  const choice = (delta: object, finish: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  return (event) => {
    switch (event.type) {
      case 'begin': {
        const delta = hasBegun ? {} : { role: 'assistant', content: '' };
        hasBegun = true;
        return [{ ...choice(delta), ...event.extra }];
      }
      case 'text':
        return [choice({ content: event.text })];
      case 'end': {
        return [
          ...(event.annotations?.length ? [choice(annotationsOf(event))] : []),
          { ...choice({}, event.finish), ...event.extra },
          ...(includeUsage ? [{ choices: [], usage: event.usage }] : []),
        ];
      }
    }
  };
}

function annotationsOf({ annotations }: Extract<ChatEvent, { type: 'end' }>) {
  if (annotations === undefined) return {};
  return { annotations: annotations.map((citation) => annotation(citation)) };
}

const annotation = (url_citation: UrlCitation) => ({ type: 'url_citation' as const, url_citation });

function head<const Kind extends string>(model: string, object: Kind) {
  return { id: `chatcmpl-${randomUUID()}`, object, created: Math.floor(Date.now() / 1000), model };
}
