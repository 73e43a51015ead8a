import { randomUUID } from 'node:crypto';
import { Completion, CompletionRequest } from '@xnai/contracts';
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
      config: {
        scope: 'query',
        textAnswer: {
          type: 'text/event-stream',
          description: 'With `stream`: chunks of the answer, then `[DONE]`',
        },
      },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { summary: 'Continues a text', body: CompletionRequest, response: { 200: Completion } },
    },
    async (request, reply) => {
      const { body, signal, deadline } = request;
      requireModel(body.model, models.generator, 'MODEL_NOT_READY');
      const answers = [body.prompt].flat().map((text) => {
        const prompt = { kind: 'text', text } as const;
        return models.generator.generate(toGenerateRequest(prompt, body), { signal, deadline });
      });
      return body.stream ? stream(answers, body, { request, reply }) : whole(answers, body);
    },
  );
}

type Events = AsyncIterable<GenerateEvent>;

/** One choice for each prompt, in their order. */
async function whole(answers: readonly Events[], { model }: CompletionRequest): Promise<Completion> {
  const parts = await Promise.all(answers.map(readAll));
  const choices = parts.map(({ text, done }, index) => choice({ index, text, finish: cutOrStop(done) }));
  return { ...frame(model), choices, ...endOf(parts.map(({ done }) => done)) };
}

async function readAll(events: Events): Promise<{ readonly text: string; readonly done: Done }> {
  let text = '';
  for await (const event of events) {
    if (event.type === 'done') return { text, done: event };
    if (event.type === 'token') text += event.text;
  }
  throw new Error('The answer has no end');
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The prompts are answered one after the other; `index` says which. */
function stream(
  answers: readonly Events[],
  { model, stream_options }: CompletionRequest,
  { request, reply }: Exchange,
): Promise<void> {
  const head = frame(model);
  const write = async (send: (data: object) => Promise<void>) => {
    const ends: Done[] = [];
    for (const [index, events] of answers.entries()) {
      for await (const event of events) {
        if (event.type === 'token') {
          await send({ ...head, choices: [choice({ index, text: event.text, finish: null })] });
        }
        if (event.type !== 'done') continue;
        ends.push(event);
        const { timings } = endOf([event]);
        await send({ ...head, choices: [choice({ index, text: '', finish: cutOrStop(event) })], timings });
      }
    }
    if (stream_options?.include_usage) await send({ ...head, choices: [], usage: endOf(ends).usage });
  };
  return streamData(request, reply, write, toOpenAiError);
}

function frame(model: string) {
  return {
    id: `cmpl-${randomUUID()}`,
    object: 'text_completion' as const,
    created: Math.floor(Date.now() / 1000),
    model,
  };
}

interface Choice {
  readonly index: number;
  readonly text: string;
}

function choice<Finish extends Done['finish'] | null>({
  index,
  text,
  finish,
}: Choice & { readonly finish: Finish }) {
  return { index, text, logprobs: null, finish_reason: finish };
}

/** Timings are those of the last one. */
function endOf(ends: readonly Done[]) {
  return { usage: toUsage(ends), timings: ends.slice(-1).map(toTimings)[0] };
}

const cutOrStop = ({ finish }: Done) => (finish === 'length' ? finish : 'stop');
