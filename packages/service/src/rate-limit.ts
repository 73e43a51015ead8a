import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Scope } from './scopes.ts';
import { ServiceError } from './service-error.ts';

const WINDOW_MS = 60_000;

/** Requests per minute; 0 is no limit. Each key has a budget of its own for each kind of work. */
export interface RateLimits {
  readonly ask: number;
  readonly write: number;
  readonly crawl: number;
  /** Of each address, for requests without a valid key. */
  readonly keyless: number;
}

type Budget = keyof RateLimits;

const BUDGETS: Readonly<Record<Scope, Budget>> = {
  query: 'ask',
  admin: 'ask',
  metrics: 'ask',
  ingest: 'write',
  web: 'write',
  crawl: 'crawl',
};

const WORDS: Readonly<Record<Budget, string>> = {
  ask: 'requests to read in a minute with this API key',
  write: 'requests to write in a minute with this API key',
  crawl: 'requests to the crawler in a minute with this API key',
  keyless: 'requests without a valid API key in a minute from this address',
};

/**
 * Limits requests by key and budget, and requests without a key by address. Exempt keys and /livez have no limit.
 *
 * @returns counts a request whose key was refused @throws {ServiceError} RATE_LIMITED when there were too many
 */
export async function addRateLimit(
  app: FastifyInstance,
  limits: RateLimits,
): Promise<(request: FastifyRequest) => Promise<void>> {
  await app.register(rateLimit, {
    max: (request: FastifyRequest) => limits[budgetOf(request)],
    timeWindow: WINDOW_MS,
    enableDraftSpec: true,
    keyGenerator: (request) => `${budgetOf(request)} ${request.caller?.id ?? request.ip}`,
    allowList: (request) =>
      limits[budgetOf(request)] === 0 ||
      request.caller?.exempt === true ||
      request.routeOptions.url === '/livez',
    errorResponseBuilder: (request, { ttl, max }) => refusal(budgetOf(request), max, ttl),
  });
  if (limits.keyless === 0) return async () => undefined;
  const count = app.createRateLimit();
  return async (request) => {
    const state = await count(request);
    if (!state.isAllowed && state.isExceeded) throw refusal('keyless', state.max, state.ttl);
  };
}

function budgetOf({ caller, routeOptions }: FastifyRequest): Budget {
  const { scope } = routeOptions.config;
  const [first] = [scope ?? []].flat();
  return caller === undefined || first === undefined ? 'keyless' : BUDGETS[first];
}

function refusal(budget: Budget, max: number, ttlMs: number): ServiceError {
  return new ServiceError('RATE_LIMITED', {
    detail: `More than ${max} ${WORDS[budget]}`,
    retryAfterMs: ttlMs,
  });
}
