import { Batch, BatchPages, BatchRequest, PageQuery } from '@xnai/contracts';
import { type App, ServiceError } from '@xnai/service';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { BatchStore, StoredBatch } from '../batch/batch-store.ts';
import { cursorOf, offsetOf } from '../ledger/results.ts';
import { admitWork } from './admit-work.ts';
import { badCursor } from './crawls.ts';
import type { ScrapeRouteDeps } from './scrape.ts';

export interface BatchRouteDeps extends Pick<ScrapeRouteDeps, 'memory'> {
  readonly batches: Omit<BatchStore, 'due'>;
}

const config = { scope: 'crawl' } as const;
const params = z.strictObject({ id: z.string().describe('Of the batch') });

export function addBatch(app: App, { batches, memory }: BatchRouteDeps): void {
  app.post(
    '/v1/batch/scrape',
    {
      config: { ...config, audit: { what: 'batch.submit', of: askedBatch } },
      onRequest: admitWork(memory),
      schema: {
        body: BatchRequest,
        response: { 202: Batch },
        summary: 'Scrape several pages in the background',
      },
    },
    async (request, reply) => {
      const id = await submitBatch(batches, request.body);
      return reply
        .code(202)
        .header('location', `/v1/batch/scrape/${id}`)
        .send(await readBatch(batches, id));
    },
  );
  app.get(
    '/v1/batch/scrape/:id',
    {
      config,
      schema: {
        params,
        querystring: PageQuery,
        response: { 200: BatchPages },
        summary: 'A batch and its pages',
      },
    },
    async ({ params: { id }, query: { cursor, limit } }) => {
      const batch = await readBatch(batches, id);
      const start = cursor === undefined ? 0 : readCursor(cursor);
      const end = start + limit;
      const pages = await batches.pages(id, start, limit);
      return { ...batch, pages, next_cursor: end < batch.total ? cursorOf(end) : null };
    },
  );
  app.delete(
    '/v1/batch/scrape/:id',
    {
      config: { ...config, audit: { what: 'batch.cancel' } },
      schema: { params, response: { 200: Batch }, summary: 'Cancel a batch; its pages stay' },
    },
    async ({ params: { id } }) => cancelBatch(batches, id),
  );
}

/** What the record of acts says of a batch. */
export function askedBatch({ body }: FastifyRequest) {
  const { urls } = body as { readonly urls?: unknown };
  return { urls: Array.isArray(urls) ? urls.length : 0, first: Array.isArray(urls) ? urls[0] : undefined };
}

/** @throws {ServiceError} OVERLOADED when too many batches are under way */
export async function submitBatch(batches: BatchRouteDeps['batches'], request: StoredBatch): Promise<string> {
  const id = await batches.add(request);
  if (id !== undefined) return id;
  throw new ServiceError('OVERLOADED', { detail: 'Too many batches are under way', retryAfterMs: 30_000 });
}

/** @throws {ServiceError} BATCH_NOT_FOUND */
export async function readBatch(batches: BatchRouteDeps['batches'], id: string): Promise<Batch> {
  const batch = await batches.get(id);
  if (batch === undefined) throw new ServiceError('BATCH_NOT_FOUND');
  return batch;
}

/** @throws {ServiceError} BATCH_NOT_FOUND */
export async function cancelBatch(batches: BatchRouteDeps['batches'], id: string): Promise<Batch> {
  const { status } = await readBatch(batches, id);
  if (status === 'running') await batches.cancel(id);
  return readBatch(batches, id);
}

function readCursor(cursor: string): number {
  try {
    return offsetOf(cursor);
  } catch {
    throw badCursor();
  }
}
