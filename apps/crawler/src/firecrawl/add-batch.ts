import type { App } from '@xnai/service';
import { admitWork } from '../routes/admit-work.ts';
import { askedBatch, type BatchRouteDeps, cancelBatch, readBatch, submitBatch } from '../routes/batch.ts';
import { CancelledAnswer, ErrorsAnswer, StartedAnswer, StatusAnswer } from './answers.ts';
import { documentOfScrape } from './documents.ts';
import { bodyLike, IdParams, originOf, StatusQuery } from './forms.ts';
import { toBatch } from './requests.ts';

export interface FirecrawlBatchDeps extends BatchRouteDeps {
  readonly keepMs: number;
}

const config = { scope: 'crawl' } as const;
const STATUS = { running: 'scraping', completed: 'completed', cancelled: 'cancelled' } as const;

export function addBatchScrape(app: App, { batches, memory, keepMs }: FirecrawlBatchDeps): void {
  app.post(
    '/v2/batch/scrape',
    {
      config: { ...config, audit: { what: 'batch.submit', of: askedBatch } },
      onRequest: admitWork(memory),
      schema: {
        body: bodyLike({ urls: ['https://harbour.example/'] }),
        response: { 200: StartedAnswer },
        summary: "Scrape several pages, as Firecrawl's clients ask for it",
      },
    },
    async (request) => {
      const { request: wish, invalidUrls } = toBatch(request.body);
      const id = await submitBatch(batches, wish);
      return {
        success: true as const,
        id,
        url: `${originOf(request)}/v2/batch/scrape/${id}`,
        invalidURLs: invalidUrls,
      };
    },
  );
  addBatchReads(app, { batches, keepMs });
  app.delete(
    '/v2/batch/scrape/:id',
    {
      config: { ...config, audit: { what: 'batch.cancel' } },
      schema: { params: IdParams, response: { 200: CancelledAnswer }, summary: 'Cancel a batch' },
    },
    async ({ params: { id } }) => {
      await cancelBatch(batches, id);
      return { success: true as const, status: 'cancelled' as const };
    },
  );
}

function addBatchReads(app: App, { batches, keepMs }: Pick<FirecrawlBatchDeps, 'batches' | 'keepMs'>): void {
  app.get(
    '/v2/batch/scrape/:id',
    {
      config,
      schema: {
        params: IdParams,
        querystring: StatusQuery,
        response: { 200: StatusAnswer },
        summary: 'A batch and its pages',
      },
    },
    async (request) => {
      const { id } = request.params;
      const { skip, limit } = request.query;
      const batch = await readBatch(batches, id);
      const pages = await batches.pages(id, skip, limit);
      const data = pages.flatMap(({ url, page }) =>
        page === undefined ? [] : [documentOfScrape(page, ['html', 'rawHtml'], url)],
      );
      const end = skip + limit;
      const next = `${originOf(request)}/v2/batch/scrape/${id}?skip=${end}&limit=${limit}`;
      return {
        success: true as const,
        status: STATUS[batch.status],
        total: batch.total,
        completed: batch.done - batch.failed,
        creditsUsed: 0,
        expiresAt: new Date(Date.parse(batch.finishedAt ?? batch.createdAt) + keepMs).toISOString(),
        ...(end < batch.total && { next }),
        data,
      };
    },
  );
  app.get(
    '/v2/batch/scrape/:id/errors',
    {
      config,
      schema: { params: IdParams, response: { 200: ErrorsAnswer }, summary: 'What failed in a batch' },
    },
    async ({ params: { id } }) => {
      const { total } = await readBatch(batches, id);
      const failed = (await batches.pages(id, 0, total)).filter(({ error }) => error !== undefined);
      const errors = failed.map(({ url, error }) => ({
        id: url,
        url,
        code: error?.code,
        error: error?.detail,
      }));
      const blocked = failed.filter(({ error }) => error?.code === 'PAGE_DISALLOWED');
      return { errors, robotsBlocked: blocked.map(({ url }) => url) };
    },
  );
}
