import { randomUUID } from 'node:crypto';
import { CompletionRequest } from '@xnai/contracts';
import type { GenerateEvent } from '@xnai/inference';
import { type App, streamData } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toGenerateRequest } from '../openai/generate-request.ts';
import { requireModel } from '../openai/model-name.ts';
import { BODY_LIMIT_BYTES, type OpenAiDeps } from '../openai/openai-deps.ts';
import { toOpenAiError } from '../openai/openai-error.ts';
import { type Done, toTimings, toUsage } from '../openai/usage.ts';

/** The prompt is continued as it is, without the model's template. */
export function completionRoutes(app: App, { models }: OpenAiDeps): void {
  app.post(
    '/v1/completions',
    {
      config: { scope: 'query' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { summary: 'Continues a text', body: CompletionRequest },
    },
    async (request, reply) => {
      const { body, signal, deadline } = request;
      requireModel(body.model, models.generator, 'MODEL_NOT_READY');
      const prompt = { kind: 'text', text: body.prompt } as const;
      const options = { signal, deadline };
      const events = models.generator.generate(toGenerateRequest(prompt, body), options);
      return body.stream ? stream(events, body, { request, reply }) : whole(events, body);
    },
  );
}

async function whole(events: AsyncIterable<GenerateEvent>, { model }: CompletionRequest) {
  let text = '';
  let done: Done | undefined;
  for await (const event of events) {
    if (event.type === 'token') text += event.text;
    else done = event;
  }
  return { ...frame(model), choices: [choice(text, done?.finish ?? 'stop')], ...endOf(done) };
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function stream(
  events: AsyncIterable<GenerateEvent>,
  { model, stream_options }: CompletionRequest,
  { request, reply }: Exchange,
): Promise<void> {
  const head = frame(model);
  const write = async (send: (data: object) => Promise<void>) => {
    for await (const event of events) {
      if (event.type === 'token') await send({ ...head, choices: [choice(event.text, null)] });
      else {
        const { usage, timings } = endOf(event);
        await send({ ...head, choices: [choice('', event.finish)], timings });
        if (stream_options?.include_usage) await send({ ...head, choices: [], usage });
      }
    }
  };
  return streamData(request, reply, write, toOpenAiError);
}

function frame(model: string) {
  return {
    id: `cmpl-${randomUUID()}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model,
  };
}

function choice(text: string, finish: string | null) {
  return { index: 0, text, logprobs: null, finish_reason: finish };
}

function endOf(done: Done | undefined) {
  return done === undefined ? {} : { usage: toUsage(done), timings: toTimings(done) };
}
