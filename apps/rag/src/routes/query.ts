import { QueryRequest, QueryResponse } from '@xnai/contracts';
import { type App, type EventStream, streamEvents } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, AnswerOptions } from '../answer-cache/reuse-answers.ts';
import type { AskListener } from '../ask/ask.ts';

export interface QueryRoutesDeps {
  readonly answer: Answer;
}

/**
 * `POST /v1/query`: one JSON object, or with `stream` server-sent events: `sources`, then `token`s, then `done`. A
 * further `sources` takes the place of the one before it. A failure before the first event is an ordinary error response.
 */
export function queryRoutes(app: App, { answer }: QueryRoutesDeps): void {
  app.post(
    '/v1/query',
    {
      config: {
        scope: 'query',
        textAnswer: {
          type: 'text/event-stream',
          description:
            'With `stream`: `sources` (`SourcesEvent`), `token`s (`TokenEvent`), then `done` with the answer',
        },
      },
      schema: {
        summary: 'Answers a question from a collection, with citations',
        body: QueryRequest,
        response: { 200: QueryResponse },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const options = optionsOf(request, reply);
      if (!body.stream) return answer(body, options);
      const write = async (events: EventStream) => {
        await events.send('done', await answer(body, { ...options, listener: listenerOf(events) }));
      };
      return streamEvents(request, reply, write, { begin: 'first-event', onStop: 'finish' });
    },
  );
}

/** `Age`: seconds since an answer that was kept was made. */
function optionsOf(
  { signal, deadline, caller, headers }: FastifyRequest,
  reply: FastifyReply,
): AnswerOptions {
  return {
    signal,
    deadline,
    scopes: caller?.scopes ?? [],
    cacheControl: headers['cache-control'],
    onReused: (ageS) => void reply.header('age', ageS),
  };
}

function listenerOf(events: EventStream): AskListener {
  return {
    sources: (citations) => events.send('sources', { citations }),
    token: (text) => events.send('token', { text }),
  };
}
