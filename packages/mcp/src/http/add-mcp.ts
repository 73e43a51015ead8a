import type { Transport } from '@xnai/contracts/client';
import type { App, Scope } from '@xnai/service';
import type { McpContent } from '../mcp-server.ts';
import { checkOrigin } from './check-origin.ts';
import { injectTransport } from './inject-transport.ts';

export interface McpRouteOptions {
  /** A caller needs it to connect; each tool needs that of its route. */
  readonly scope: Scope;
  /** Besides the service's own pages on this machine. */
  readonly origins: readonly string[];
  /** The tools over an API that is called through `transport`, with the key of the caller. */
  readonly content: (transport: Transport) => McpContent;
}

/**
 * `POST /mcp`: the Model Context Protocol by streamable HTTP, without sessions. A tool calls a route of this service from
 * inside, as its caller: keys, scopes, rate limits, deadlines and the record of acts are those of the route.
 */
export function addMcp(app: App, { scope, origins, content }: McpRouteOptions): void {
  app.post(
    '/mcp',
    { config: { scope }, onRequest: checkOrigin(origins), schema: { hide: true } },
    async (request, reply) => {
      // Loaded by the first call: it takes 20 MB of a process that few ask for it.
      const { answerMcp } = await import('./answer-mcp.ts');
      return reply.send(await answerMcp(request, content(injectTransport(app, request))));
    },
  );
}
