import { QueryRequest, QueryResponse } from '@xnai/contracts';
import { type App, type EventStream, streamEvents } from '@xnai/service';
import type { Ask, AskListener } from '../ask/ask.ts';

export interface QueryRoutesDeps {
  readonly ask: Ask;
}

/**
 * `POST /v1/query`: one JSON object, or with `stream` server-sent events: `sources`, then `token`s, then `done`. A
 * further `sources` takes the place of the one before it. A failure before the first event is an ordinary error response.
 */
export function queryRoutes(app: App, { ask }: QueryRoutesDeps): void {
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
      const { body, signal, deadline } = request;
      if (!body.stream) return ask(body, { signal, deadline });
      const write = async (events: EventStream) => {
        await events.send('done', await ask(body, { signal, deadline, listener: listenerOf(events) }));
      };
      return streamEvents(request, reply, write, { begin: 'first-event', onStop: 'finish' });
    },
  );
}

function listenerOf(events: EventStream): AskListener {
  return {
    sources: (citations) => events.send('sources', { citations }),
    token: (text) => events.send('token', { text }),
  };
}
