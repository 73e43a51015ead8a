import rateLimit, { type FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Scope } from './scopes.ts';
import { ServiceError } from './service-error.ts';
import type { SharedBudget } from './shared-budget.ts';

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
 * @param shared counts for all replicas; default: this process counts by itself
 * @returns counts a request whose key was refused @throws {ServiceError} RATE_LIMITED when there were too many
 */
export async function addRateLimit(
  app: FastifyInstance,
  limits: RateLimits,
  shared?: SharedBudget,
): Promise<(request: FastifyRequest) => Promise<void>> {
  await app.register(rateLimit, {
    max: (request: FastifyRequest) => limits[budgetOf(request)],
    timeWindow: WINDOW_MS,
    enableDraftSpec: true,
    ...(shared === undefined ? {} : { store: storeOf(shared) }),
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

/** In the form that the plugin takes. */
function storeOf(shared: SharedBudget): FastifyRateLimitStoreCtor {
  return class Store {
    incr(
      key: string,
      done: (error: Error | null, result?: { current: number; ttl: number }) => void,
      windowMs = WINDOW_MS,
    ): void {
      shared.count(key, windowMs).then(
        ({ count, ttlMs }) => done(null, { current: count, ttl: ttlMs }),
        (error: Error) => done(error),
      );
    }

    child(): Store {
      return this;
    }
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
