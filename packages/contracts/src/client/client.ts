import { z } from 'zod';
import * as schema from '../index.ts';
import { type CallOptions, type ClientOptions, createCalls, route } from './calls.ts';
import { everyItem } from './every-item.ts';
import { type FollowOptions, followCrawl } from './follow-crawl.ts';

export type { CallOptions, ClientOptions, StreamEvent } from './calls.ts';
export { ClientError } from './client-error.ts';
export type { CrawlEvent, FollowOptions } from './follow-crawl.ts';
export type { Transport, TransportRequest, TransportResponse } from './transport.ts';

type Page = Partial<schema.PageQuery>;
type Question = Omit<z.input<typeof schema.QueryRequest>, 'stream'>;

const NoContent = z.undefined();

/**
 * The API of rag, but for the routes of OpenAI's and Jina's clients.
 *
 * @throws {ClientError} in every method; see its `code`
 */
export function createRagClient(options: ClientOptions) {
  const calls = createCalls(options);
  const { read, readCreated, events } = calls;
  const listDocuments = (name: string, page?: Page, options?: CallOptions) =>
    read(schema.DocumentList, route`GET /v1/collections/${name}/documents`, { page, options });
  return {
    ...sharedRoutes(calls),
    ...collectionRoutes(calls),
    listDocuments,
    /** All of them, read page by page. */
    everyDocument: (name: string, options?: CallOptions) =>
      everyItem(
        (page) => listDocuments(name, page, options),
        (answer) => answer.documents,
      ),
    /** `body` may also be the JSON of a `DocumentInput`, as a queue keeps it. */
    putDocument: (name: string, id: string, body: schema.DocumentInput | string, options?: CallOptions) =>
      readCreated(schema.IngestResult, route`PUT /v1/collections/${name}/documents/${id}`, { body, options }),
    /** A document that was read before; also as JSON, as a queue keeps it. */
    deliverDocument: (
      name: string,
      id: string,
      body: schema.DeliveredDocument | string,
      options?: CallOptions,
    ) =>
      readCreated(schema.IngestResult, route`PUT /v1/collections/${name}/documents/${id}`, {
        body,
        headers: { 'content-type': schema.TEXT_DOCUMENT_TYPE },
        options,
      }),
    getDocument: (name: string, id: string, options?: CallOptions) =>
      read(schema.Document, route`GET /v1/collections/${name}/documents/${id}`, { options }),
    deleteDocument: (name: string, id: string, options?: CallOptions) =>
      read(NoContent, route`DELETE /v1/collections/${name}/documents/${id}`, { options }),
    /** Addresses of pages of the web, aliases too. */
    listAddresses: (name: string, page?: Partial<schema.AddressQuery>, options?: CallOptions) =>
      read(schema.AddressList, route`GET /v1/collections/${name}/addresses`, { page, options }),
    getAddress: (name: string, id: string, options?: CallOptions) =>
      read(schema.AddressWithLinks, route`GET /v1/collections/${name}/addresses/${id}`, { options }),
    /** Newest first. */
    audit: (page?: Partial<schema.AuditQuery>, options?: CallOptions) =>
      read(schema.AuditActList, route`GET /v1/audit`, { page, options }),
    search: (body: z.input<typeof schema.SearchRequest>, options?: CallOptions) =>
      read(schema.SearchResponse, route`POST /v1/search`, { body, options }),
    query: (body: Question, options?: CallOptions) =>
      read(schema.QueryResponse, route`POST /v1/query`, { body, options }),
    /** `sources`, then `token`s, then `done` with the whole answer. */
    queryStream: (body: Question, options?: CallOptions) =>
      events(schema.QUERY_EVENTS, route`POST /v1/query`, { body: { ...body, stream: true }, options }),
  };
}

function collectionRoutes({ read, events }: ReturnType<typeof createCalls>) {
  const collections = (page?: Page, options?: CallOptions) =>
    read(schema.CollectionList, route`GET /v1/collections`, { page, options });
  return {
    collections,
    /** All of them, read page by page. */
    everyCollection: (options?: CallOptions) =>
      everyItem(
        (page) => collections(page, options),
        (answer) => answer.collections,
      ),
    getCollection: (name: string, options?: CallOptions) =>
      read(schema.Collection, route`GET /v1/collections/${name}`, { options }),
    /** At once, and whenever its figures have changed, until the collection is deleted. */
    collectionEvents: (name: string, options?: CallOptions) =>
      events(schema.COLLECTION_EVENTS, route`GET /v1/collections/${name}/events`, { options }),
    deleteCollection: (name: string, options?: CallOptions) =>
      read(NoContent, route`DELETE /v1/collections/${name}`, { options }),
  };
}

export type RagClient = ReturnType<typeof createRagClient>;

/**
 * The API of the crawler.
 *
 * @throws {ClientError} in every method; see its `code`
 */
export function createCrawlClient(options: ClientOptions) {
  const calls = createCalls(options);
  const { read, events } = calls;
  const getCrawl = (id: string, options?: CallOptions) =>
    read(schema.Crawl, route`GET /v1/crawls/${id}`, { options });
  const crawlEvents = (id: string, options: CallOptions & { readonly lastEventId?: string } = {}) => {
    const headers = { 'last-event-id': options.lastEventId };
    return events(schema.CRAWL_EVENTS, route`GET /v1/crawls/${id}/events`, { headers, options });
  };
  return {
    ...sharedRoutes(calls),
    /** The same request with the same `idempotencyKey` gives the first crawl. */
    submitCrawl: (
      body: z.input<typeof schema.CrawlRequest>,
      options: CallOptions & { readonly idempotencyKey?: string } = {},
    ) => {
      const headers = { 'idempotency-key': options.idempotencyKey };
      return read(schema.CrawlAccepted, route`POST /v1/crawls`, { body, headers, options });
    },
    schedules: (options?: CallOptions) => read(schema.ScheduleList, route`GET /v1/schedules`, { options }),
    getSchedule: (id: string, options?: CallOptions) =>
      read(schema.Schedule, route`GET /v1/schedules/${id}`, { options }),
    changeSchedule: (id: string, body: schema.ScheduleChange, options?: CallOptions) =>
      read(schema.Schedule, route`PATCH /v1/schedules/${id}`, { body, options }),
    deleteSchedule: (id: string, options?: CallOptions) =>
      read(NoContent, route`DELETE /v1/schedules/${id}`, { options }),
    crawls: (page?: Page, options?: CallOptions) =>
      read(schema.CrawlList, route`GET /v1/crawls`, { page, options }),
    getCrawl,
    cancelCrawl: (id: string, options?: CallOptions) =>
      read(schema.Crawl, route`DELETE /v1/crawls/${id}`, { options }),
    crawlPages: (id: string, page?: Page, options?: CallOptions) =>
      read(schema.PageList, route`GET /v1/crawls/${id}/pages`, { page, options }),
    crawlErrors: (id: string, page?: Page, options?: CallOptions) =>
      read(schema.PageErrorList, route`GET /v1/crawls/${id}/errors`, { page, options }),
    /** Until `finished`; from the start, or after the event whose id is `lastEventId`. */
    crawlEvents,
    /** As `crawlEvents`, over connections that are lost and opened again. */
    followCrawl: (id: string, options: FollowOptions = {}) =>
      followCrawl({ events: (from) => crawlEvents(id, from), state: (from) => getCrawl(id, from) }, options),
    /** What a crawl of the same request would take. */
    planCrawl: (body: z.input<typeof schema.CrawlRequest>, options?: CallOptions) =>
      read(schema.CrawlPlan, route`POST /v1/crawls`, { body: { ...body, dryRun: true }, options }),
    map: (body: z.input<typeof schema.MapRequest>, options?: CallOptions) =>
      read(schema.MapResult, route`POST /v1/map`, { body, options }),
    scrapeBatch: (body: z.input<typeof schema.BatchRequest>, options?: CallOptions) =>
      read(schema.Batch, route`POST /v1/batch/scrape`, { body, options }),
    getBatch: (id: string, page?: Page, options?: CallOptions) =>
      read(schema.BatchPages, route`GET /v1/batch/scrape/${id}`, { page, options }),
    cancelBatch: (id: string, options?: CallOptions) =>
      read(schema.Batch, route`DELETE /v1/batch/scrape/${id}`, { options }),
    scrape: (body: z.input<typeof schema.ScrapeRequest>, options?: CallOptions) =>
      read(schema.ScrapedPage, route`POST /v1/scrape`, { body, options }),
  };
}

export type CrawlClient = ReturnType<typeof createCrawlClient>;

function sharedRoutes({ read }: ReturnType<typeof createCalls>) {
  return {
    liveness: (options?: CallOptions) => read(schema.Liveness, route`GET /livez`, { options }),
    /** A service that can serve nothing answers too: status `unavailable`. */
    readiness: (options?: CallOptions) =>
      read(schema.Readiness, route`GET /readyz`, { options, okStatus: 503 }),
    breakers: (options?: CallOptions) => read(schema.BreakerList, route`GET /v1/breakers`, { options }),
    breakerOrders: (options?: CallOptions) =>
      read(schema.BreakerOrderList, route`GET /v1/breakers/orders`, { options }),
    isolateBreaker: (name: string, body: schema.IsolateRequest, options?: CallOptions) =>
      read(schema.OrderedBreaker, route`POST /v1/breakers/${name}/isolate`, { body, options }),
    resetBreaker: (name: string, body: schema.ResetRequest, options?: CallOptions) =>
      read(schema.OrderedBreaker, route`POST /v1/breakers/${name}/reset`, { body, options }),
  };
}
