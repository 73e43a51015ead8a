import type { FastifyRequest, RouteOptions } from 'fastify';
import { Gauge } from 'prom-client';
import type { App } from './app-type.ts';
import type { Act, AuditLog } from './audit-log.ts';
import { countRefusedKeys } from './audit-refused-keys.ts';
import type { Check } from './health.ts';
import { redactFacts } from './redact-facts.ts';
import { ServiceError } from './service-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A request to this route is recorded before it is served, and refused when it cannot be. */
    audit?: {
      readonly what: string;
      /** What the act is about. Default: the parameters of the route. */
      readonly of?: (request: FastifyRequest) => Readonly<Record<string, unknown>>;
    };
  }
  interface FastifyRequest {
    /** Number of the line that records this request. */
    auditSeq: number | undefined;
  }
}

/**
 * Records the requests to all routes with `config.audit`, and refused keys. A recorded request that fails is followed by
 * a line `act.failed`. Counts go to `/metrics`.
 */
export function addAudit(app: App, audit: AuditLog): void {
  app.decorateRequest('auditSeq', undefined);
  app.addHook('onRoute', requireAudit);
  app.addHook('preHandler', async (request) => {
    const { audit: config } = request.routeOptions.config;
    if (config === undefined) return;
    const of = config.of?.(request) ?? (request.params as Record<string, unknown>);
    request.auditSeq = await recordOrRefuse(audit, {
      what: config.what,
      of: redactFacts(of),
      ...sourceOf(request),
    });
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.auditSeq === undefined || reply.statusCode < 400) return;
    const of = { seq: request.auditSeq, status: reply.statusCode };
    const failed = audit.record({ what: 'act.failed', of, request: request.id });
    await failed.catch((err: unknown) =>
      request.log.error({ err, of }, 'the failure of an act was not recorded'),
    );
  });
  countRefusedKeys(app, audit);
  addFigures(app, audit);
}

/** What deletes or changes something is recorded; of the other methods, a route says so itself. */
function requireAudit({ method, url, config }: RouteOptions): void {
  if ((method === 'DELETE' || method === 'PATCH') && config?.audit === undefined)
    throw new Error(`${method} ${url} is not recorded: set config.audit`);
}

/** Whether acts can be recorded. */
export function auditCheck(audit: AuditLog): Check {
  return {
    name: 'audit',
    check() {
      const { failure } = audit.state();
      return failure === undefined ? { status: 'ok' } : { status: 'degraded', detail: failure };
    },
  };
}

async function recordOrRefuse(audit: AuditLog, act: Act): Promise<number> {
  try {
    return (await audit.record(act)).seq;
  } catch (cause) {
    const { failure } = audit.state();
    throw new ServiceError('AUDIT_UNAVAILABLE', {
      cause,
      detail: `Refused, because it cannot be recorded: ${failure}`,
    });
  }
}

function sourceOf({ caller, ip, id }: FastifyRequest): Pick<Act, 'by' | 'from' | 'request'> {
  return { by: [caller?.name, caller?.id].filter(Boolean).join(' '), from: ip, request: id };
}

function addFigures(app: App, audit: AuditLog): void {
  const registers = [app.metrics];
  new Gauge({
    name: 'audit_checkpoint_info',
    help: 'The last signed line of the audit chain; verify finds a chain that ends before it',
    labelNames: ['writer', 'seq', 'hash'],
    registers,
    collect() {
      const { writer, checkpoint } = audit.state();
      this.reset();
      if (checkpoint !== undefined) this.set({ writer, seq: checkpoint.seq, hash: checkpoint.hash }, 1);
    },
  });
  new Gauge({
    name: 'audit_failing',
    help: '1 while acts cannot be recorded and are therefore refused',
    registers,
    collect() {
      this.set(audit.state().failure === undefined ? 0 : 1);
    },
  });
}
