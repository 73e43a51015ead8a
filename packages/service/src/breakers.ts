import {
  BreakerList,
  BreakerOrderList,
  type CheckResult,
  type DegradedToken,
  IsolateRequest,
  OrderedBreaker,
  ResetRequest,
} from '@xnai/contracts';
import { type Registry, renderPrometheus } from '@xnai/resilience';
import { breakerRoutes } from '@xnai/resilience/fastify';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { App } from './app-type.ts';
import type { Check } from './health.ts';

const ORDER_TO = {
  params: z.object({ name: z.string() }),
  headers: z.object({ 'if-match': z.string().optional().describe('A generation: 412 when it has moved on') }),
};

type OperatedRegistry = Pick<Registry, 'find' | 'snapshot' | 'resources' | 'audit' | 'metrics'>;

/** `/v1/breakers` for operators, and the breakers' figures in `/metrics`. */
export async function addBreakers(app: App, registry: OperatedRegistry): Promise<void> {
  app.addMetrics(() => renderPrometheus(registry.metrics()));
  await (app as unknown as FastifyInstance).register(breakerRoutes, {
    registry,
    config: { scope: 'admin' },
    actor: ({ caller }) => [caller?.name, caller?.id].filter(Boolean).join(' '),
    schemas: {
      list: { summary: 'Breakers and resources as this replica sees them', response: { 200: BreakerList } },
      orders: { summary: 'The latest orders, newest first', response: { 200: BreakerOrderList } },
      isolate: {
        summary: 'Hold a breaker open for the whole fleet',
        ...ORDER_TO,
        body: IsolateRequest,
        response: { 200: OrderedBreaker },
      },
      reset: {
        summary: 'Close a breaker for the whole fleet',
        ...ORDER_TO,
        body: ResetRequest,
        response: { 200: OrderedBreaker },
      },
    },
  });
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
