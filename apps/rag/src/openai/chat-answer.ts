import { randomUUID } from 'node:crypto';
import {
  type ChatCompletion,
  type ChatCompletionRequest,
  offeredTools,
  type UrlCitation,
} from '@xnai/contracts';
import { streamData } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ChatEvent, ChatSource } from './chat-event.ts';
import { createCallDeltas, createChatMessage } from './chat-message.ts';
import { toOpenAiError } from './openai-error.ts';

export async function wholeChat(source: ChatSource, body: ChatCompletionRequest): Promise<ChatCompletion> {
  const message = createChatMessage();
  for await (const event of source) {
    message.add(event);
    if (event.type !== 'end') continue;
    const finish_reason = finishOf(event.finish, body);
    const whole = { ...message.read(isOfFunctions(body)), ...annotationsOf(event) };
    const choices = [{ index: 0, message: whole, logprobs: null, finish_reason }];
    return { ...head(body.model, 'chat.completion'), choices, usage: event.usage, ...event.extra };
  }
  throw new Error('The answer has no end');
}

/** Whether the calls have the older form, since they were offered in it. */
function isOfFunctions(body: ChatCompletionRequest): boolean {
  return offeredTools(body).fields[0] === 'functions';
}

function finishOf(finish: End['finish'], body: ChatCompletionRequest) {
  return finish === 'tool_calls' && isOfFunctions(body) ? ('function_call' as const) : finish;
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A failure before the first word is an ordinary error response; a later one is an error object in the stream. */
export function streamChat(
  source: ChatSource,
  body: ChatCompletionRequest,
  { request, reply }: Exchange,
): Promise<void> {
  const frame = head(body.model, 'chat.completion.chunk');
  const toParts = createParts(body);
  const write = async (send: (data: object) => Promise<void>) => {
    for await (const event of source) {
      for (const part of toParts(event)) await send({ ...frame, ...part });
    }
  };
  return streamData(request, reply, write, toOpenAiError);
}

/** The parts of chunks that an event is sent as. */
function createParts(body: ChatCompletionRequest): (event: ChatEvent) => object[] {
  const includeUsage = body.stream_options?.include_usage === true;
  const toDelta = createCallDeltas(isOfFunctions(body));
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
      case 'thought':
        return [choice({ reasoning_content: event.text })];
      case 'call':
      case 'arguments':
        return [choice(toDelta(event))];
      case 'end':
        return [
          ...(event.annotations?.length ? [choice(annotationsOf(event))] : []),
          { ...choice({}, finishOf(event.finish, body)), ...event.extra },
          ...(includeUsage ? [{ choices: [], usage: event.usage }] : []),
        ];
    }
  };
}

type End = Extract<ChatEvent, { type: 'end' }>;

function annotationsOf({ annotations }: End) {
  if (annotations === undefined) return {};
  return { annotations: annotations.map((citation) => annotation(citation)) };
}

const annotation = (url_citation: UrlCitation) => ({ type: 'url_citation' as const, url_citation });

function head<const Kind extends string>(model: string, object: Kind) {
  return { id: `chatcmpl-${randomUUID()}`, object, created: Math.floor(Date.now() / 1000), model };
}
