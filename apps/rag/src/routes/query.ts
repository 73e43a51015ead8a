import { QueryRequest, QueryResponse } from '@xnai/contracts';
import { type App, type EventStream, openEventStream } from '@xnai/service';
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
    { config: { scope: 'query' }, schema: { body: QueryRequest, response: { 200: QueryResponse } } },
    async (request, reply) => {
      const { body, signal, deadline } = request;
      if (!body.stream) return ask(body, { signal, deadline });
      let events: EventStream | undefined;
      const open = () => (events ??= openEventStream(request, reply, { onStop: 'finish' }));
      try {
        const response = await ask(body, { signal, deadline, listener: listenerOf(open) });
        await open().send('done', response);
      } catch (error) {
        if (events === undefined) throw error;
        await events.fail(error);
      } finally {
        events?.end();
      }
      return reply;
    },
  );
}

function listenerOf(open: () => EventStream): AskListener {
  return {
    sources: (citations) => open().send('sources', { citations }),
    token: (text) => open().send('token', { text }),
  };
}
