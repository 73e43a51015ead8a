import { randomUUID } from 'node:crypto';
import type { ChatCompletionRequest } from '@xnai/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type DataStream, openDataStream } from './data-stream.ts';

/** One answer in a chat, wherever it comes from. `extra` rides beside `choices`. */
export type ChatEvent =
  | { readonly type: 'begin'; readonly extra: object }
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end';
      readonly finish: 'stop' | 'length';
      readonly usage: object;
      readonly extra: object;
      /** The text as finally said, where it differs from what was streamed. */
      readonly text?: string;
    };

export type ChatSource = AsyncIterable<ChatEvent>;

export async function wholeChat(source: ChatSource, { model }: ChatCompletionRequest): Promise<object> {
  let content = '';
  let answer = {};
  for await (const event of source) {
    if (event.type === 'text') content += event.text;
    if (event.type === 'end') {
      const message = { role: 'assistant', content: event.text ?? content };
      const choices = [{ index: 0, message, logprobs: null, finish_reason: event.finish }];
      answer = { choices, usage: event.usage, ...event.extra };
    }
  }
  return { ...head(model, 'chat.completion'), ...answer };
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What fails before the first word is an ordinary error; later an error object in the stream. */
export async function streamChat(
  source: ChatSource,
  { model, stream_options }: ChatCompletionRequest,
  { request, reply }: Exchange,
): Promise<FastifyReply> {
  const frame = head(model, 'chat.completion.chunk');
  let out: DataStream | undefined;
  const send = (delta: object, rest: object = {}, finish: string | null = null) =>
    (out ?? open()).send({ ...frame, choices: [{ index: 0, delta, finish_reason: finish }], ...rest });
  const open = () => {
    out = openDataStream(request, reply);
    return out;
  };
  try {
    for await (const event of source) {
      if (event.type === 'begin') await send({ role: 'assistant', content: '' }, event.extra);
      else if (event.type === 'text') await send({ content: event.text });
      else {
        await send({}, event.extra, event.finish);
        if (stream_options?.include_usage) await out?.send({ ...frame, choices: [], usage: event.usage });
      }
    }
    (out ?? open()).done();
  } catch (error) {
    if (out === undefined) throw error;
    out.fail(error);
  }
  return reply;
}

function head(model: string, object: string) {
  return { id: `chatcmpl-${randomUUID()}`, object, created: Math.floor(Date.now() / 1000), model };
}
