const id = '01KF1D8Q3V6Z4T9M2X7B5C0RAE';
const url = 'https://harbour.example/';
const createdAt = '2027-01-15T09:30:00.000Z';
const finishedAt = '2027-01-15T09:30:07.000Z';

const crawl = {
  id,
  url,
  collection: 'harbour',
  status: 'completed',
  counters: {
    discovered: 3,
    queued: 0,
    fetched: 2,
    indexed: 2,
    added: 2,
    changed: 0,
    unchanged: 0,
    removed: 0,
    skipped: 1,
    failed: 0,
  },
  skippedBy: { robots: 1 },
  stopReason: 'exhausted',
  degraded: [],
  createdAt,
  startedAt: createdAt,
  finishedAt,
};

const page = { url, status: 'indexed', documentId: 'tides', httpStatus: 200, depth: 0, bytes: 5120, ms: 84 };
const failed = { url: `${url}old`, status: 'failed', reason: 'http-error', httpStatus: 500 };

const batch = { id, status: 'completed', total: 1, done: 1, failed: 0, createdAt, finishedAt };
const scraped = {
  url,
  httpStatus: 200,
  title: 'Harbour',
  rendered: false,
  markdown: '# Harbour\n\nHigh tide is at six in the evening.',
  trust: 'web',
  ms: 84,
  degraded: [],
};

const schedule = {
  id,
  url,
  collection: 'harbour',
  schedule: { every: '1d' },
  request: { url, collection: 'harbour', limit: 100 },
  paused: false,
  createdAt,
  lastAt: createdAt,
  lastCrawlId: id,
  nextAt: '2027-01-16T09:30:00.000Z',
};

/** What the crawler takes and answers on its own routes. */
export const CRAWLER_EXAMPLES = {
  CrawlRequest: { url, collection: 'harbour', limit: 100 },
  CrawlAccepted: { id, status: 'queued', url, collection: 'harbour' },
  CrawlPlan: {
    dryRun: true,
    url,
    collection: 'harbour',
    taken: 1,
    leftBy: {},
    urls: [{ url, foundIn: 'request', depth: 0, taken: true }],
    degraded: [],
  },
  Crawl: crawl,
  CrawlList: { crawls: [crawl], next_cursor: null },
  PageList: { pages: [page], next_cursor: null },
  PageErrorList: { errors: [{ ...failed, depth: 1, bytes: 0, ms: 30 }], next_cursor: null },
  WebhookDeliveryList: {
    deliveries: [
      {
        webhookId: `${id}-completed`,
        type: 'crawl.completed',
        attempt: 1,
        delivered: true,
        httpStatus: 204,
        at: finishedAt,
        ms: 40,
      },
    ],
    next_cursor: null,
  },
  ScrapeRequest: { url, formats: ['markdown'] },
  ScrapedPage: scraped,
  MapRequest: { url, search: 'tides' },
  MapResult: { links: [{ url: `${url}tides`, title: 'Tides' }], degraded: [] },
  BatchRequest: { urls: [url], formats: ['markdown'] },
  Batch: batch,
  BatchPages: { ...batch, pages: [{ url, page: scraped }], next_cursor: null },
  Schedule: schedule,
  ScheduleList: { schedules: [schedule], next_cursor: null },
  ScheduleChange: { paused: true },
};
