import type { FastifyRequest } from 'fastify';

/** When the client stops waiting, in epoch milliseconds; the header was checked when the request came in. */
export function deadlineOf({ headers }: FastifyRequest): number | undefined {
  const timeoutMs = headers['x-request-timeout-ms'];
  return timeoutMs === undefined ? undefined : Date.now() + Number(timeoutMs);
}
