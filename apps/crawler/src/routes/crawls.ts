import {
  Crawl,
  CrawlAccepted,
  CrawlList,
  CrawlPlan,
  CrawlRequest,
  PageErrorList,
  PageList,
  PageQuery,
  WebhookDeliveryList,
} from '@xnai/contracts';
import type { Resource } from '@xnai/resilience';
import { type App, ServiceError } from '@xnai/service';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type CrawlServiceDeps,
  cancelCrawl,
  readCrawl,
  submitCrawl,
  type WebhookAccess,
} from '../jobs/submit.ts';
import { cursorOf, offsetOf, type Results } from '../ledger/results.ts';
import { isUlid } from '../ledger/ulid.ts';
import { checkSchedule, type Schedules } from '../schedules/schedules.ts';
import type { WebhookQueue } from '../webhooks/webhook-queue.ts';
import { admitWork } from './admit-work.ts';
import { planCrawl } from './plan-crawl.ts';
import type { ScrapeRouteDeps } from './scrape.ts';

export interface CrawlRoutesDeps extends CrawlServiceDeps, Pick<ScrapeRouteDeps, 'sendOut'> {
  readonly results: Results;
  readonly schedules: Schedules;
  readonly webhooks: WebhookAccess & { readonly queue: Pick<WebhookQueue, 'deliveries'> };
  readonly memory: Pick<Resource, 'admit'>;
}

export const CrawlParams = z.strictObject({ id: z.string().describe('Of the crawl') });
const SubmitHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'expected 1 to 255 visible ASCII characters')
    .optional()
    .describe('The same key with the same body gives the first crawl'),
});
const config = { scope: 'crawl' } as const;

export function addCrawlRoutes(app: App, deps: CrawlRoutesDeps): void {
  addSubmit(app, deps);
  addReads(app, deps);
  addDeliveries(app, deps);

  app.delete(
    '/v1/crawls/:id',
    {
      config: { ...config, audit: { what: 'crawl.cancel' } },
      schema: {
        params: CrawlParams,
        response: { 200: Crawl, 202: Crawl },
        summary: 'Cancel a crawl; 202 while it stops',
      },
    },
    async (request, reply) => {
      const crawl = await cancelCrawl(deps, crawlId(request.params));
      return reply.code(crawl.finishedAt === null ? 202 : 200).send(crawl);
    },
  );
}

function addSubmit(app: App, deps: CrawlRoutesDeps): void {
  const schema = {
    body: CrawlRequest,
    headers: SubmitHeaders,
    response: { 200: z.union([CrawlAccepted, CrawlPlan]), 202: CrawlAccepted },
    summary: 'Crawl a site into a collection, or say with `dryRun` what would be crawled',
  };
  const audited = { ...config, audit: { what: 'crawl.submit', of: askedCrawl } };
  const options = { config: audited, onRequest: admitWork(deps.memory), schema };
  app.post('/v1/crawls', options, async (request, reply) => {
    const { schedule, ...asked } = request.body;
    if (schedule !== undefined) checkSchedule(schedule);
    if (request.body.dryRun) return planCrawl(deps.sendOut, request.body, request.signal);
    const key = request.headers['idempotency-key'];
    const caller = request.caller?.id ?? '';
    const idempotency = key === undefined ? undefined : { key, caller };
    const { crawl, isNew } = await submitCrawl(deps, request.body, { idempotency, signal: request.signal });
    if (schedule !== undefined) await deps.schedules.add(crawl.id, asked, schedule);
    return reply
      .code(isNew ? 202 : 200)
      .header('location', `/v1/crawls/${crawl.id}`)
      .send(schedule === undefined ? crawl : { ...crawl, scheduleId: crawl.id });
  });
}

/** What the record of acts says of a crawl. */
export function askedCrawl({ body }: FastifyRequest) {
  const { url, collection, limit, dryRun, schedule } = body as CrawlRequest;
  return { url, collection, limit, dryRun, ...schedule };
}

function addReads(app: App, deps: CrawlRoutesDeps): void {
  const params = CrawlParams;
  const querystring = PageQuery;

  app.get(
    '/v1/crawls',
    { config, schema: { querystring, response: { 200: CrawlList }, summary: 'Crawls, newest first' } },
    async ({ query: { cursor, limit } }) => {
      if (cursor !== undefined && !isUlid(cursor)) throw badCursor();
      const { crawls, next } = await deps.ledger.list(cursor, limit);
      return { crawls, next_cursor: next ?? null };
    },
  );

  app.get(
    '/v1/crawls/:id',
    { config, schema: { params, response: { 200: Crawl }, summary: 'How a crawl stands' } },
    (request) => readCrawl(deps, crawlId(request.params)),
  );

  app.get(
    '/v1/crawls/:id/pages',
    {
      config,
      schema: { params, querystring, response: { 200: PageList }, summary: 'What became of each URL' },
    },
    async ({ params, query: { cursor, limit } }) => {
      const { id } = await readCrawl(deps, crawlId(params));
      const { pages, next } = await deps.results.pages(id, cursor, limit).catch(toCursorError);
      return { pages, next_cursor: next ?? null };
    },
  );

  app.get(
    '/v1/crawls/:id/errors',
    {
      config,
      schema: { params, querystring, response: { 200: PageErrorList }, summary: 'URLs that failed' },
    },
    async ({ params, query: { cursor, limit } }) => {
      const { id } = await readCrawl(deps, crawlId(params));
      const { pages, next } = await deps.results.errors(id, cursor, limit).catch(toCursorError);
      return { errors: pages, next_cursor: next ?? null };
    },
  );
}

function addDeliveries(app: App, deps: CrawlRoutesDeps): void {
  app.get(
    '/v1/crawls/:id/deliveries',
    {
      config,
      schema: {
        params: CrawlParams,
        querystring: PageQuery,
        response: { 200: WebhookDeliveryList },
        summary: 'Attempts to deliver the events of a crawl to its webhook',
      },
    },
    async ({ params, query: { cursor, limit } }) => {
      const { id } = await readCrawl(deps, crawlId(params));
      const start = cursor === undefined ? 0 : await Promise.try(offsetOf, cursor).catch(toCursorError);
      const found = await deps.webhooks.queue.deliveries(id, start, limit + 1);
      const next_cursor = found.length > limit ? cursorOf(start + limit) : null;
      return { deliveries: found.slice(0, limit), next_cursor };
    },
  );
}

/** @throws {ServiceError} CRAWL_NOT_FOUND when the id is not a ULID, which no crawl can have */
export function crawlId({ id }: z.infer<typeof CrawlParams>): string {
  if (!isUlid(id)) throw new ServiceError('CRAWL_NOT_FOUND');
  return id;
}

function toCursorError(error: unknown): never {
  throw error instanceof RangeError ? badCursor() : error;
}

export function badCursor(): ServiceError {
  return new ServiceError('VALIDATION', {
    errors: [{ path: 'cursor', message: 'expected the next_cursor of an earlier answer' }],
  });
}
