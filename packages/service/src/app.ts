import Fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { Registry } from 'prom-client';
import type { App } from './app-type.ts';
import { addAudit, auditCheck } from './audit.ts';
import type { AuditLog } from './audit-log.ts';
import { addAuth } from './auth.ts';
import { answerBadRequestLine } from './client-error.ts';
import { addClosing } from './closing.ts';
import { addCors } from './cors.ts';
import { addDeadlines } from './deadline.ts';
import { handleError } from './error-handler.ts';
import { addHealth, type Check } from './health.ts';
import { addJsonBody } from './json-body.ts';
import type { KeyRing } from './key-ring.ts';
import type { Logger } from './logger.ts';
import { addMetricsRoute, observeRequests } from './metrics.ts';
import { addNotFound } from './not-found.ts';
import { addOpenApi, leadToDocs } from './openapi.ts';
import { toServiceError } from './problem.ts';
import { addRateLimit, type RateLimits } from './rate-limit.ts';
import { requestIdOf } from './request-id.ts';
import { addRequestLog } from './request-log.ts';
import type { ServiceError } from './service-error.ts';
import type { SharedBudget } from './shared-budget.ts';
import type { Tracing } from './trace/start-tracing.ts';
import { traceRequests } from './trace/trace-requests.ts';
import { validateWithZod } from './validation.ts';

export interface CreateAppOptions {
  readonly name: string;
  readonly version: string;
  readonly log: Logger;
  readonly keys: KeyRing;
  /** Records the acts of routes with `config.audit`. */
  readonly audit: AuditLog;
  readonly checks: readonly Check[];
  readonly rateLimits: RateLimits;
  /** Counts what the limits are about, for all replicas. Default: this process counts by itself. */
  readonly sharedBudget?: SharedBudget | undefined;
  /** Origins whose pages may read answers. Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Addresses of balancers, whose X-Forwarded-For names the client. Default: none. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Default 1 MiB; a route can have its own `bodyLimit`. */
  readonly bodyLimitBytes?: number;
  /** Whether the service adds a page of its own at `/`. Default: no, and `/` leads to `/docs`. */
  readonly hasHome?: boolean;
  /** Default: requests are not traced. */
  readonly tracing?: Pick<Tracing, 'check' | 'registerMetrics'> | undefined;
  /** Gives the errors of other packages their place in the table of codes. */
  readonly mapError?: (error: unknown) => ServiceError | undefined;
}

const MIB = 1024 ** 2;

/**
 * The HTTP edge that every service has: request ids, keys and scopes, rate limit, deadlines, problem+json,
 * health, metrics, OpenAPI. Routes are added to the result; each declares `config: { scope }`.
 */
export async function createApp(options: CreateAppOptions): Promise<App> {
  const app = createFastify(options);
  app.decorate('metrics', new Registry());
  app.setValidatorCompiler(validateWithZod);
  app.setSerializerCompiler(serializerCompiler);
  app.decorate('explain', (error: unknown) => options.mapError?.(error) ?? toServiceError(error));
  app.setErrorHandler(handleError);
  addJsonBody(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  });
  if (options.tracing !== undefined) traceRequests(app);
  addRequestLog(app);
  addCors(app, options.corsOrigins ?? []);
  observeRequests(app, app.metrics);
  addClosing(app);
  addDeadlines(app);
  addAuth(app, options.keys, await addRateLimit(app, options.rateLimits, options.sharedBudget));
  addAudit(app, options.audit);
  addNotFound(app);
  await addOpenApi(app, { title: options.name, version: options.version });
  if (options.hasHome !== true) leadToDocs(app);
  options.tracing?.registerMetrics(app.metrics);
  const tracing = options.tracing === undefined ? [] : [options.tracing.check];
  addHealth(app, [...options.checks, auditCheck(options.audit), ...tracing]);
  addMetricsRoute(app, app.metrics);
  return app;
}

function createFastify({ log, trustedProxies = [], bodyLimitBytes = MIB }: CreateAppOptions): App {
  return Fastify({
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdOf,
    bodyLimit: bodyLimitBytes,
    // Ids have up to 200 characters, and more when percent-encoded; the schema refuses those that are too long.
    routerOptions: { maxParamLength: 2000 },
    // A client that sends its request too slowly is dropped.
    requestTimeout: 60_000,
    http: { headersTimeout: 15_000, connectionsCheckingInterval: 2_000 },
    keepAliveTimeout: 30_000,
    // While stopping, the hook of `addClosing` answers with a problem.
    return503OnClosing: false,
    frameworkErrors: handleError,
    clientErrorHandler: answerBadRequestLine,
  }).withTypeProvider<ZodTypeProvider>() as unknown as App;
}
