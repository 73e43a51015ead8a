import { DeletedResponse, ModelResponse, type ResponseInputItem, ResponsesRequest } from '@xnai/contracts';
import { type App, logOwnFault, ServiceError, streamEvents } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ChatSource } from '../openai/chat-event.ts';
import { chatSource } from '../openai/chat-source.ts';
import { BODY_LIMIT_BYTES, type OpenAiDeps } from '../openai/openai-deps.ts';
import { toOpenAiError } from '../openai/openai-error.ts';
import { createKeptAnswers } from '../openai/responses/kept-answers.ts';
import { readItems } from '../openai/responses/read-items.ts';
import { type ResponseEvent, responseEvents } from '../openai/responses/response-events.ts';
import { inOwnWords, toChat } from '../openai/responses/to-chat.ts';

/** OpenAI's Responses API over the path of chat completions. */
export function responsesRoutes(app: App, deps: OpenAiDeps): void {
  const kept = createKeptAnswers();
  app.post(
    '/v1/responses',
    {
      config: {
        scope: 'query',
        textAnswer: {
          type: 'text/event-stream',
          description:
            "With `stream`: OpenAI's events, numbered, from `response.created` to `response.completed`",
        },
      },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        summary: "Chats with the model or a collection, in the form of OpenAI's Responses API",
        description:
          'A conversation goes on with `previous_response_id`, or with references to its items, while it is kept: in ' +
          'the memory of this process, for the key that asked, until newer ones need its room.',
        body: ResponsesRequest,
        response: { 200: ModelResponse },
      },
    },
    async (request, reply) => {
      const { body, caller } = request;
      const owner = caller?.id ?? '';
      const items = readItems(body, (id) => kept.find(owner, id));
      const events = responseEvents(sourceOf(deps, toChat(body, items), request), body);
      const keep = ({ id, output }: ModelResponse) => {
        if (body.store === false) return;
        const answered = new Map(output.map((item) => [item.id, toInputItem(item)]));
        kept.keep(owner, { id, conversation: [...items, ...answered.values()], items: answered });
      };
      return body.stream ? stream(events, keep, { request, reply }) : whole(events, keep);
    },
  );
  app.delete(
    '/v1/responses/:id',
    {
      config: { scope: 'query', audit: { what: 'response.delete' } },
      schema: { summary: 'Forgets a kept answer', params: Params, response: { 200: DeletedResponse } },
    },
    async ({ params: { id }, caller }) => {
      if (!kept.forget(caller?.id ?? '', id))
        throw new ServiceError('NOT_FOUND', { detail: `The response ${id} is not kept here (any more)` });
      return { id, object: 'response' as const, deleted: true as const };
    },
  );
}

const Params = z.object({ id: z.string().min(1).max(200).describe('Of the answer') });

async function* sourceOf(
  deps: OpenAiDeps,
  chat: Parameters<typeof chatSource>[1],
  request: FastifyRequest,
): ChatSource {
  try {
    yield* chatSource(deps, chat, request);
  } catch (error) {
    throw inOwnWords(error);
  }
}

type Events = AsyncIterable<ResponseEvent>;
type Keep = (response: ModelResponse) => void;

async function whole(events: Events, keep: Keep): Promise<ModelResponse> {
  let last: ModelResponse | undefined;
  for await (const { response } of events) last = response ?? last;
  if (last === undefined || last.status === 'in_progress') throw new Error('The answer has no end');
  keep(last);
  return last;
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A failure before the first event is an ordinary error response; a later one is the event `response.failed`. */
function stream(events: Events, keep: Keep, { request, reply }: Exchange): Promise<void> {
  return streamEvents(
    request,
    reply,
    async ({ send }) => {
      let last: ResponseEvent | undefined;
      let begun: ModelResponse | undefined;
      try {
        for await (const event of events) {
          last = event;
          begun = event.response ?? begun;
          await send(event.type, event);
        }
      } catch (error) {
        if (last === undefined || begun === undefined) throw error;
        const known = request.server.explain(error);
        logOwnFault(known, request, reply);
        const response = { ...begun, status: 'failed', ...toOpenAiError(known) };
        await send('response.failed', {
          type: 'response.failed',
          sequence_number: last.sequence_number + 1,
          response,
        });
        return;
      }
      if (begun !== undefined) keep(begun);
    },
    { begin: 'first-event', onStop: 'finish' },
  );
}

/** An item of an answer as a later request would send it. */
function toInputItem(item: ModelResponse['output'][number]): ResponseInputItem {
  if (item.type !== 'message') return item;
  return { role: item.role, content: item.content.map(({ text }) => text).join('') };
}
