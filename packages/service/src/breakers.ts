import {
  BreakerList,
  type BreakerOrder,
  BreakerOrderList,
  type BreakerView,
  type CheckResult,
  type DegradedToken,
  IsolateRequest,
  OrderedBreaker,
  ResetRequest,
  type ResourceView,
} from '@xnai/contracts';
import type {
  AuditEntry,
  Breaker,
  BreakerSnapshot,
  OrderResult,
  Registry,
  ResourceSnapshot,
} from '@xnai/resilience';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from './app-type.ts';
import type { Check } from './health.ts';
import { registerFamilies } from './metrics.ts';
import { ServiceError } from './service-error.ts';

type OperatedRegistry = Pick<
  Registry,
  'find' | 'snapshot' | 'openMembers' | 'resources' | 'audit' | 'metrics'
>;

const ORDERS_LISTED = 100;

/** `/v1/breakers` for operators, and the breakers' figures in `/metrics`. */
export function addBreakers(app: App, registry: OperatedRegistry): void {
  registerFamilies(app.metrics, () => registry.metrics());
  addLists(app, registry);
  addOrders(app, registry);
}

function addLists(app: App, registry: OperatedRegistry): void {
  const config = { scope: 'admin' } as const;
  const listSchema = {
    summary: 'Breakers and resources as this replica sees them',
    response: { 200: BreakerList },
  };
  app.get('/v1/breakers', { config, schema: listSchema }, async () => ({
    breakers: [...registry.snapshot(), ...registry.openMembers()].map(toBreakerView),
    resources: registry.resources().map(toResourceView),
  }));

  const ordersSchema = { summary: 'The latest orders, newest first', response: { 200: BreakerOrderList } };
  app.get('/v1/breakers/orders', { config, schema: ordersSchema }, async () => ({
    orders: (await registry.audit(ORDERS_LISTED)).map(toBreakerOrder),
  }));
}

const ORDER_TO = {
  params: z.object({ name: z.string().describe('Of the breaker') }),
  headers: z.object({ 'if-match': z.string().optional().describe('A generation: 412 when it has moved on') }),
  response: { 200: OrderedBreaker },
};

function addOrders(app: App, registry: OperatedRegistry): void {
  const config = (what: string) => ({ scope: 'admin', audit: { what, of: orderOf } }) as const;
  const give = async (
    name: string,
    reply: FastifyReply,
    order: (breaker: Breaker) => Promise<OrderResult>,
  ): Promise<OrderedBreaker> => {
    const breaker = registry.find(name);
    if (breaker === undefined) {
      throw new ServiceError('BREAKER_NOT_FOUND', { detail: `No breaker is named '${name}'` });
    }
    const { reached, generation } = await order(breaker);
    reply.header('etag', `"${generation}"`);
    return { ...toBreakerView(breaker.snapshot()), reached };
  };

  const isolateSchema = {
    summary: 'Hold a breaker open for the whole fleet',
    ...ORDER_TO,
    body: IsolateRequest,
  };
  app.post(
    '/v1/breakers/:name/isolate',
    { config: config('breaker.isolate'), schema: isolateSchema },
    (request, reply) => {
      const { reason, ttl_s: ttlS } = request.body;
      const limit = ttlS === undefined ? {} : { ttlMs: ttlS * 1000 };
      const order = { reason, ...limit, ...orderFrom(request) };
      return give(request.params.name, reply, (breaker) => breaker.isolate(order));
    },
  );

  const resetSchema = { summary: 'Close a breaker for the whole fleet', ...ORDER_TO, body: ResetRequest };
  app.post(
    '/v1/breakers/:name/reset',
    { config: config('breaker.reset'), schema: resetSchema },
    (request, reply) => {
      const order = { reason: request.body.reason, ...orderFrom(request) };
      return give(request.params.name, reply, (breaker) => breaker.reset(order));
    },
  );
}

function orderOf({ params, body }: FastifyRequest) {
  return { ...(params as { name: string }), ...(body as IsolateRequest | ResetRequest) };
}

/** Who gives an order, and the generation that it is meant for. */
function orderFrom(
  request: Pick<FastifyRequest, 'caller'> & { headers: { 'if-match'?: string | undefined } },
) {
  const { caller, headers } = request;
  const by = [caller?.name, caller?.id].filter(Boolean).join(' ');
  return { by, ifGeneration: generationOf(headers['if-match']) };
}

function generationOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const generation = /^(?:W\/)?"?(\d{1,15})"?$/.exec(ifMatch)?.[1];
  if (generation === undefined) {
    throw new ServiceError('VALIDATION', { detail: 'If-Match must be a generation' });
  }
  return Number(generation);
}

function toBreakerView(snapshot: BreakerSnapshot): BreakerView {
  const { name, state, generation, scope, failures, calls, forced } = snapshot;
  return {
    name,
    state,
    generation,
    scope,
    retry_after_ms: snapshot.retryAfterMs,
    failures,
    calls,
    opened_at: snapshot.openedAt ?? null,
    opened_by: snapshot.openedBy ?? null,
    cause: snapshot.cause ?? null,
    view_age_ms: snapshot.viewAgeMs ?? null,
    forced:
      forced === undefined
        ? null
        : {
            by: forced.by,
            reason: forced.reason,
            remaining_ms: forced.remainingMs === undefined ? null : Math.ceil(forced.remainingMs),
          },
  };
}

function toResourceView({ name, level, readings }: ResourceSnapshot): ResourceView {
  return { name, level, readings: readings.map((reading) => ({ ...reading, used: reading.used ?? null })) };
}

function toBreakerOrder({
  id,
  breaker,
  action,
  by,
  reason,
  ttlMs,
  generation,
  replica,
}: AuditEntry): BreakerOrder {
  // The stream's ids begin with the store's time in milliseconds.
  const at = new Date(Number.parseInt(id, 10)).toISOString();
  const ttlS = ttlMs === undefined || !Number.isFinite(ttlMs) ? null : ttlMs / 1000;
  return { at, breaker, action, by, reason, ttl_s: ttlS, generation, replica };
}

const TOKENS: Readonly<Record<string, DegradedToken>> = { redis: 'redis', memory: 'memory' };

/**
 * What `/readyz` says of breakers, of the Redis that they are shared in, and of each resource. Resources must be
 * defined by now. None is essential: a replica with open breakers still serves something.
 */
export function breakerChecks(registry: Pick<Registry, 'checks' | 'snapshot'>): Check[] {
  return Object.keys(registry.checks()).map((name) => ({
    name,
    // Without a Redis that was asked for, or a limit to measure against, nothing is missing.
    isOptional: true,
    ...(TOKENS[name] === undefined ? {} : { degradedToken: TOKENS[name] }),
    check: () => (name === 'breakers' ? checkBreakers(registry) : checkOf(registry, name)),
  }));
}

function checkOf(registry: Pick<Registry, 'checks'>, name: string): CheckResult {
  return registry.checks()[name] ?? { status: 'absent' };
}

function checkBreakers(registry: Pick<Registry, 'checks' | 'snapshot'>): CheckResult {
  const { status, detail } = checkOf(registry, 'breakers');
  const views = registry.snapshot();
  const ages = views.flatMap(({ viewAgeMs }) => viewAgeMs ?? []);
  const states = Object.fromEntries(views.map(({ name, state }) => [name, state]));
  return {
    status,
    detail: { summary: detail, states, ...(ages.length === 0 ? {} : { view_age_ms: Math.max(...ages) }) },
  };
}
