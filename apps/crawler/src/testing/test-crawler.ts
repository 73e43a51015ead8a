import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Crawl,
  type CrawlAccepted,
  type PageErrorList,
  type PageList,
  type PageResult,
} from '@xnai/contracts';
import { auditPlaces, startAudit } from '@xnai/ops/audit';
import type { ResourceSource } from '@xnai/resilience';
import { type Closeable, createLogger, ensureFirstKey, openKeyRing } from '@xnai/service';
import { readCrawlerConfig } from '../config.ts';
import { type Crawler, openCrawler } from '../open.ts';
import { runInline } from './run-inline.ts';

/** The whole crawler in this process, asked through HTTP. */
export interface TestCrawler extends AsyncDisposable {
  readonly app: Crawler['app'];
  readonly key: string;
  readonly workDir: string;
  request(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    options?: RequestOptions,
  ): Promise<Answer>;
  /** Submits, and gives the id. */
  submit(body: object): Promise<string>;
  /** Waits for a check of `/readyz` to be ok. */
  untilReady(check: string): Promise<void>;
  crawl(id: string): Promise<Crawl>;
  /** Waits for a crawl to be as wanted, and for the crawl to be there to be looked at. */
  until(id: string, isWanted: (crawl: Crawl) => boolean): Promise<Crawl>;
  finish(id: string): Promise<Crawl>;
  pages(id: string): Promise<Record<string, PageResult>>;
  errors(id: string): Promise<PageResult[]>;
}

interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered.
  readonly body: any;
}

export interface TestCrawlerOptions {
  readonly isForked?: boolean;
  /** Where memory runs out; nowhere, unless a test says so. */
  readonly sources?: readonly ResourceSource[];
}

/** Crawls run in this process unless they are to have their own. */
export async function startTestCrawler(
  variables: Record<string, string>,
  { isForked = false, sources = [] }: TestCrawlerOptions = {},
): Promise<TestCrawler> {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-crawler-'));
  const { app, closeables, key, workDir } = await open(folder, variables, { isForked, sources });

  async function request(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    options: RequestOptions = {},
  ) {
    const headers = { authorization: `Bearer ${key}`, ...options.headers };
    const payload = options.body === undefined ? {} : { payload: options.body as object };
    const response = await app.inject({ method, url, headers, ...payload });
    const body = response.body === '' ? undefined : JSON.parse(response.body);
    return { status: response.statusCode, headers: response.headers, body };
  }

  async function crawl(id: string): Promise<Crawl> {
    return Crawl.parse((await request('GET', `/v1/crawls/${id}`)).body);
  }

  async function until(id: string, isWanted: (crawl: Crawl) => boolean): Promise<Crawl> {
    for (;;) {
      const answer = await request('GET', `/v1/crawls/${id}`);
      if (answer.status === 200 && isWanted(Crawl.parse(answer.body))) return Crawl.parse(answer.body);
      await delay(20);
    }
  }

  return {
    app,
    key,
    workDir,
    async untilReady(check) {
      while ((await request('GET', '/readyz')).body.checks[check].status !== 'ok') await delay(20);
    },
    request,
    crawl,
    until,
    async submit(body) {
      const answer = await request('POST', '/v1/crawls', { body });
      if (answer.status !== 202) throw new Error(`not accepted: ${JSON.stringify(answer.body)}`);
      return (answer.body as CrawlAccepted).id;
    },
    finish: (id) => until(id, ({ finishedAt }) => finishedAt !== null),
    async pages(id) {
      const all: PageResult[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const list = (await request('GET', `/v1/crawls/${id}/pages?limit=1000${query}`)).body as PageList;
        all.push(...list.pages);
        cursor = list.next_cursor;
      }
      return Object.fromEntries(all.map((page) => [new URL(page.url).pathname, page]));
    },
    async errors(id) {
      return ((await request('GET', `/v1/crawls/${id}/errors`)).body as PageErrorList).errors;
    },
    async [Symbol.asyncDispose]() {
      await close(app, closeables);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function open(
  folder: string,
  variables: Record<string, string>,
  { isForked, sources }: Required<TestCrawlerOptions>,
) {
  const keyFile = join(folder, 'keys.json');
  const config = readCrawlerConfig({
    CRAWL_WORK_DIR: join(folder, 'work'),
    CRAWL_WORK_DIR_ANYWHERE: 'true',
    // Only tests of the browser pay for one.
    CRAWL_CHROMIUM: '/nonexistent',
    XNAI_LOG_LEVEL: 'silent',
    XNAI_RATE_LIMIT: '0',
    XNAI_API_KEYS_FILE: keyFile,
    XNAI_DATA_DIR: folder,
    CRAWL_LOCK: '2s',
    CRAWL_EXTRACT_THREADS: '1',
    ...variables,
  });
  const log = createLogger({ name: 'crawler', level: config.XNAI_LOG_LEVEL });
  const audit = await startAudit(auditPlaces({ XNAI_DATA_DIR: folder }), {
    writer: 'crawler',
    log,
    settings: {},
  });
  const first = await ensureFirstKey(keyFile, { audit });
  const keys = await openKeyRing({ file: keyFile });
  const deps = { log, keys, audit, sources, ...(isForked ? {} : { run: runInline }) };
  const crawler = await openCrawler(config, deps);
  return {
    ...crawler,
    closeables: [audit, ...crawler.closeables],
    key: first?.key ?? '',
    workDir: config.CRAWL_WORK_DIR,
  };
}

async function close(app: Crawler['app'], closeables: readonly Closeable[]): Promise<void> {
  await app.close();
  for (const closeable of closeables.toReversed()) await closeable.close();
}
