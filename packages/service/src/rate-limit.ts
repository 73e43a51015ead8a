import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { ServiceError } from './service-error.ts';

const WINDOW_MS = 60_000;

/** At most so many requests a minute and key; keys marked exempt, open routes and 0 have no limit. */
export async function addRateLimit(app: FastifyInstance, maxPerMinute: number): Promise<void> {
  if (maxPerMinute === 0) return;
  await app.register(rateLimit, {
    max: maxPerMinute,
    timeWindow: WINDOW_MS,
    enableDraftSpec: true,
    keyGenerator: (request) => request.caller?.id ?? '',
    allowList: (request) => request.caller === undefined || request.caller.exempt === true,
    errorResponseBuilder: (_request, { ttl, max }) =>
      new ServiceError('RATE_LIMITED', {
        detail: `More than ${max} requests in a minute with this API key`,
        retryAfterMs: ttl,
      }),
  });
}
