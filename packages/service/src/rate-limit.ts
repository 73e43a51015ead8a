import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { ServiceError } from './service-error.ts';

const WINDOW_MS = 60_000;

/** Limits the requests per minute and key. Exempt keys and open routes have no limit; 0 switches it off. */
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
