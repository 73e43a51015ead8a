import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  preHandlerHookHandler,
} from 'fastify';
import type { Breaker } from './breaker/breaker.ts';
import type { OrderResult } from './breaker/order.ts';
import { ResilienceError } from './errors.ts';
import type { BreakerSnapshot } from './observe/snapshot.ts';
import { problemOf } from './problem.ts';
import type { Registry } from './registry.ts';
import type { ResourceSnapshot } from './resource/resource.ts';
import type { AuditEntry } from './store/store.ts';

export interface BreakerRoutesOptions {
  readonly registry: Pick<Registry, 'find' | 'snapshot' | 'resources' | 'audit'>;
  /** Lets operators in, and nobody else. */
  readonly preHandler?: preHandlerHookHandler | preHandlerHookHandler[];
  /** Of each route, for what the app's own hooks look at. */
  readonly config?: object;
  /** Who gives an order: goes into the audit stream. */
  readonly actor?: (request: FastifyRequest) => string;
  /** For the app's OpenAPI document; what comes in is checked here in any case. */
  readonly schemas?: {
    readonly list?: FastifySchema;
    readonly orders?: FastifySchema;
    readonly isolate?: FastifySchema;
    readonly reset?: FastifySchema;
  };
}

/** `GET /v1/breakers`, `GET /v1/breakers/orders`, `POST /v1/breakers/{name}/isolate` and `/reset`, as a fastify plugin. */
export const breakerRoutes = async (app: FastifyInstance, options: BreakerRoutesOptions): Promise<void> => {
  const { registry, preHandler, config, schemas = {}, actor = () => 'operator' } = options;
  const shared = { ...(preHandler === undefined ? {} : { preHandler }), ...(config && { config }) };
  const route = (schema: FastifySchema | undefined) => ({
    ...shared,
    ...(schema === undefined ? {} : { schema }),
  });

  app.get('/v1/breakers', route(schemas.list), async () => ({
    breakers: registry.snapshot().map(toWire),
    resources: registry.resources().map(resourceToWire),
  }));

  app.get('/v1/breakers/orders', route(schemas.orders), async () => ({
    orders: (await registry.audit(listedOrders)).map(orderToWire),
  }));

  app.post('/v1/breakers/:name/isolate', route(schemas.isolate), async (request, reply) => {
    const { reason, ttlMs } = orderOf(request.body, ['reason', 'ttl_s']);
    const order = {
      reason,
      by: actor(request),
      ifGeneration: ifMatch(request),
      ...(ttlMs === undefined ? {} : { ttlMs }),
    };
    return answer(options, request, reply, (breaker) => breaker.isolate(order));
  });

  app.post('/v1/breakers/:name/reset', route(schemas.reset), async (request, reply) => {
    const { reason } = orderOf(request.body, ['reason']);
    const order = { reason, by: actor(request), ifGeneration: ifMatch(request) };
    return answer(options, request, reply, (breaker) => breaker.reset(order));
  });
};

/**
 * Answers errors of this package with their problem, and `Retry-After`; leaves all others to `next`. For an app's own
 * error handler.
 */
export const replyWithProblem = (error: unknown, reply: FastifyReply): boolean => {
  const problem = problemOf(error);
  if (problem === undefined) return false;
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(problem.body);
  return true;
};

/** A breaker as it goes over the wire. */
const toWire = (snapshot: BreakerSnapshot) => ({
  name: snapshot.name,
  state: snapshot.state,
  generation: snapshot.generation,
  scope: snapshot.scope,
  retry_after_ms: snapshot.retryAfterMs,
  failures: snapshot.failures,
  calls: snapshot.calls,
  opened_at: snapshot.openedAt ?? null,
  opened_by: snapshot.openedBy ?? null,
  cause: snapshot.cause ?? null,
  view_age_ms: snapshot.viewAgeMs ?? null,
  forced: snapshot.forced
    ? {
        by: snapshot.forced.by,
        reason: snapshot.forced.reason,
        remaining_ms:
          snapshot.forced.remainingMs === undefined ? null : Math.ceil(snapshot.forced.remainingMs),
      }
    : null,
});

const resourceToWire = ({ name, level, readings }: ResourceSnapshot) => ({
  name,
  level,
  readings: readings.map(({ used, ...reading }) => ({ ...reading, used: used ?? null })),
});

const orderToWire = ({ id, breaker, action, by, reason, ttlMs, generation, replica }: AuditEntry) => ({
  // The stream's ids begin with the store's time in milliseconds.
  at: new Date(Number.parseInt(id, 10)).toISOString(),
  breaker,
  action,
  by,
  reason,
  ttl_s: ttlMs === undefined || !Number.isFinite(ttlMs) ? null : ttlMs / 1_000,
  generation,
  replica,
});

const answer = async (
  { registry }: BreakerRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  give: (breaker: Breaker) => Promise<OrderResult>,
) => {
  const { name } = request.params as { readonly name: string };
  const breaker = registry.find(name);
  if (breaker === undefined)
    throw new ResilienceError('UNKNOWN_BREAKER', { message: `no breaker is named '${name}'` });
  const { reached, generation } = await give(breaker);
  reply.header('etag', `"${generation}"`);
  const snapshot = registry.snapshot().find((one) => one.name === name) as BreakerSnapshot;
  return { ...toWire(snapshot), reached };
};

const orderOf = (
  body: unknown,
  allowed: readonly string[],
): { readonly reason: string; readonly ttlMs?: number } => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw bad('the body must be a JSON object');
  const unknown = Object.keys(body).find((field) => !allowed.includes(field));
  if (unknown !== undefined) throw bad(`unknown field '${unknown}'`);
  const { reason, ttl_s: ttl } = body as { reason?: unknown; ttl_s?: unknown };
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > longestReason) {
    throw bad(`reason must be a text of 1 to ${longestReason} characters`);
  }
  if (ttl === undefined) return { reason };
  if (typeof ttl !== 'number' || !(ttl > 0) || ttl > longestTtlS) {
    throw bad(`ttl_s must be a number over 0, up to ${longestTtlS}`);
  }
  return { reason, ttlMs: ttl * 1_000 };
};

const ifMatch = (request: FastifyRequest): number | undefined => {
  const value = request.headers['if-match'];
  if (value === undefined || value === '*') return undefined;
  const generation = /^(?:W\/)?"?(\d{1,15})"?$/.exec(value)?.[1];
  if (generation === undefined) throw bad('If-Match must be a generation');
  return Number(generation);
};

const bad = (message: string) => new ResilienceError('BAD_REQUEST', { message });

const listedOrders = 100;
const longestReason = 500;
const longestTtlS = 30 * 86_400;
