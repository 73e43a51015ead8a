import { type App, answerError, ServiceError } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cancelCrawl, readCrawl, submitCrawl } from '../jobs/submit.ts';
import { admitWork } from '../routes/admit-work.ts';
import { askedCrawl, type CrawlRoutesDeps, crawlId } from '../routes/crawls.ts';
import { mapSite } from '../routes/map.ts';
import { addBatchScrape, type FirecrawlBatchDeps } from './add-batch.ts';
import {
  ActiveAnswer,
  CancelledAnswer,
  ErrorsAnswer,
  FailureAnswer,
  MapAnswer,
  ScrapeAnswer,
  StartedAnswer,
  StatusAnswer,
} from './answers.ts';
import { crawlStatusOf, type StatusDeps } from './crawl-status.ts';
import { documentOfScrape } from './documents.ts';
import { bodyLike, IdParams, originOf, StatusQuery } from './forms.ts';
import { refuseUpgrades } from './refuse-upgrades.ts';
import { toCrawl, toMap, toScrape } from './requests.ts';

export interface FirecrawlDeps extends CrawlRoutesDeps, StatusDeps, FirecrawlBatchDeps {}

const config = { scope: 'crawl' } as const;
/** The routes of Firecrawl's version 2 that its SDKs use, over the same work as our own routes. */
export async function addFirecrawl(app: App, deps: FirecrawlDeps): Promise<void> {
  refuseUpgrades(app.server);
  await app.register(async (plugin) => {
    const scope = plugin as unknown as App;
    scope.setErrorHandler(answerInItsForm);
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, errorForm: FailureAnswer };
    });
    addScrape(scope, deps);
    addMap(scope, deps);
    addCrawl(scope, deps);
    addCrawlReads(scope, deps);
    addBatchScrape(scope, deps);
    scope.all('/v2/*', { config, onRequest: refuseOther, schema: { hide: true } }, refuseOther);
  });
}

/** Before a body is read, which may be of any type. */
async function refuseOther({ url, method }: Pick<FastifyRequest, 'url' | 'method'>): Promise<never> {
  const path = url.split('?', 1)[0] ?? '';
  throw new ServiceError('NOT_FOUND', {
    detail: `This server does not offer ${method} ${path}; of Firecrawl's routes it has scrape, batch/scrape, map and crawl`,
  });
}

function answerInItsForm(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = request.server.explain(thrown);
  const body = { success: false, error: error.message, code: error.code, details: error.errors ?? [] };
  answerError(error, request, reply, { type: 'application/json; charset=utf-8', body });
}

function addScrape(app: App, { sendOut, memory }: FirecrawlDeps): void {
  const schema = {
    body: bodyLike({ url: 'https://harbour.example/', formats: ['markdown'] }),
    summary: "Scrape a page, as Firecrawl's clients ask for it",
    response: { 200: ScrapeAnswer },
  };
  app.post('/v2/scrape', { config, onRequest: admitWork(memory), schema }, async (request) => {
    const { request: wish, formats, timeoutMs } = toScrape(request.body);
    const limits = timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)];
    const signal = AbortSignal.any([request.signal, ...limits]);
    const page = await sendOut('scrape', wish, signal).catch((error: unknown) => {
      if (request.signal.aborted || !signal.aborted) throw error;
      throw new ServiceError('DEADLINE_EXCEEDED');
    });
    return { success: true as const, data: documentOfScrape(page, formats, wish.url) };
  });
}

function addMap(app: App, { sendOut, memory }: FirecrawlDeps): void {
  const schema = {
    body: bodyLike({ url: 'https://harbour.example/', search: 'tides' }),
    summary: "Map a site, as Firecrawl's clients ask for it",
    response: { 200: MapAnswer },
  };
  app.post('/v2/map', { config, onRequest: admitWork(memory), schema }, async ({ body, signal }) => {
    const { links } = await mapSite(sendOut, toMap(body), signal);
    return { success: true as const, links };
  });
}

function addCrawl(app: App, deps: FirecrawlDeps): void {
  const schema = {
    body: bodyLike({ url: 'https://harbour.example/', limit: 100 }),
    summary: "Start a crawl, as Firecrawl's clients ask for it",
    response: { 200: StartedAnswer },
  };
  const audited = { ...config, audit: { what: 'crawl.submit', of: askedCrawl } };
  app.post('/v2/crawl', { config: audited, onRequest: admitWork(deps.memory), schema }, async (request) => {
    const key = request.headers['x-idempotency-key'];
    const caller = request.caller?.id ?? '';
    const idempotency = typeof key === 'string' ? { key, caller } : undefined;
    const { crawl } = await submitCrawl(deps, toCrawl(request.body), { idempotency, signal: request.signal });
    return { success: true as const, id: crawl.id, url: `${originOf(request)}/v2/crawl/${crawl.id}` };
  });
  app.delete(
    '/v2/crawl/:id',
    {
      config: { ...config, audit: { what: 'crawl.cancel' } },
      schema: { params: IdParams, summary: 'Cancel a crawl', response: { 200: CancelledAnswer } },
    },
    async ({ params }) => {
      await cancelCrawl(deps, crawlId(params));
      return { success: true as const, status: 'cancelled' as const };
    },
  );
}

function addCrawlReads(app: App, deps: FirecrawlDeps): void {
  app.get(
    '/v2/crawl/active',
    { config, schema: { summary: 'Crawls that have not ended', response: { 200: ActiveAnswer } } },
    async () => {
      const { crawls } = await deps.ledger.list(undefined, MAX_LISTED);
      const active = crawls.filter(({ finishedAt }) => finishedAt === null);
      return {
        success: true as const,
        crawls: active.map(({ id, url }) => ({ id, url, teamId: 'xnai', options: null })),
      };
    },
  );
  app.get(
    '/v2/crawl/:id',
    {
      config,
      schema: {
        params: IdParams,
        querystring: StatusQuery,
        summary: 'How a crawl stands, with its pages',
        response: { 200: StatusAnswer },
      },
    },
    async (request) => {
      const { params, query, signal } = request;
      const crawl = await readCrawl(deps, crawlId(params));
      const { body, nextSkip } = await crawlStatusOf(deps, crawl, { ...query, signal });
      const next = `${originOf(request)}/v2/crawl/${crawl.id}?skip=${nextSkip}&limit=${query.limit}`;
      return nextSkip === undefined ? body : { ...body, next };
    },
  );
  app.get(
    '/v2/crawl/:id/errors',
    {
      config,
      schema: { params: IdParams, summary: 'What failed in a crawl', response: { 200: ErrorsAnswer } },
    },
    async ({ params }) => {
      const { id } = await readCrawl(deps, crawlId(params));
      const { pages } = await deps.results.errors(id, undefined, MAX_LISTED);
      const errors = pages.map(({ url, reason, code, httpStatus }) => {
        const status = httpStatus === null ? '' : ` (status ${httpStatus})`;
        return { id: url, timestamp: null, url, code: code ?? reason, error: `${reason}${status}` };
      });
      return { errors, robotsBlocked: await robotsBlockedIn(deps, id) };
    },
  );
}

const MAX_LISTED = 1000;

async function robotsBlockedIn({ results }: FirecrawlDeps, id: string): Promise<string[]> {
  const blocked: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { pages, next } = await results.pages(id, cursor, MAX_LISTED);
    blocked.push(...pages.filter(({ reason }) => reason === 'robots').map(({ url }) => url));
    if (next === undefined || blocked.length >= MAX_LISTED) return blocked.slice(0, MAX_LISTED);
    cursor = next;
  }
}
