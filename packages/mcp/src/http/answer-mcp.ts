import { createMcpHandler } from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import { createMcpServer, type McpContent } from '../mcp-server.ts';

/** Answers one request. Nothing outlives it: subscriptions, whose streams have no end, are refused. */
export function answerMcp(
  { headers, body, signal, log }: FastifyRequest,
  content: McpContent,
): Promise<Response> {
  const handler = createMcpHandler(() => createMcpServer(content), {
    maxSubscriptions: 0,
    onerror: (err) => log.debug({ err }, 'MCP request refused'),
  });
  const { 'content-length': _length, ...rest } = headers;
  const request = new Request('http://localhost/mcp', {
    method: 'POST',
    headers: Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
    body: JSON.stringify(body ?? null),
    signal,
  });
  return handler.fetch(request, { parsedBody: body });
}
