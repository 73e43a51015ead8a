import { setTimeout as delay } from 'node:timers/promises';
import { article, startSentinels, type TestSentinels } from '@xnai/testing';
import { startTestStack, type TestStack } from './test-stack.ts';

/** A crawler behind sentinels, whose site has `pages` pages that the home page leads to. */
export interface WatchedStack extends AsyncDisposable {
  readonly group: TestSentinels;
  readonly stack: TestStack;
}

export async function startWatchedStack(
  pages: number,
  options: { isForked?: boolean } = {},
): Promise<WatchedStack> {
  await using open = new AsyncDisposableStack();
  const group = open.use(await startSentinels({ keepsData: true }));
  const stack = open.use(await startTestStack({ variables: { REDIS_URL: group.url }, ...options }));
  const links = Array.from({ length: pages }, (_, i) => `/p${i}`);
  stack.site.pages['/'] = article('Home', links);
  for (const link of links) stack.site.pages[link] = article(link);
  const opened = open.move();
  return { group, stack, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

export interface Submitted {
  readonly accepted: string[];
  readonly refused: number;
  /** From the last acceptance before a refusal to the next one, in milliseconds; 0 when none was refused. */
  readonly withoutMs: number;
}

/** Between an acceptance and the next submission. Each accepted crawl takes a process of its own, two of them at a time. */
const ACCEPTED_PAUSE_MS = 250;
const REFUSED_PAUSE_MS = 40;

/**
 * Submits one small crawl after the other while a failover goes on, until `after` were accepted after it.
 * @throws {Error} for an answer that neither accepts nor refuses with the time to come again
 */
export async function submitDuring(
  { crawler, site }: TestStack,
  { isOver, after }: { readonly isOver: () => boolean; readonly after: number },
): Promise<Submitted> {
  const accepted: string[] = [];
  let [refused, acceptedAfter, withoutMs] = [0, 0, 0];
  let [isRefused, acceptedAtMs] = [false, performance.now()];
  while (acceptedAfter < after) {
    const body = {
      url: `${site.origin}/`,
      sitemap: 'skip',
      limit: 1,
      collection: `during-${accepted.length}`,
    };
    const wasOver = isOver();
    const { status, headers, body: answer } = await crawler.request('POST', '/v1/crawls', { body });
    if (status === 202) {
      accepted.push(answer.id);
      if (wasOver) acceptedAfter += 1;
      if (isRefused) withoutMs = Math.max(withoutMs, performance.now() - acceptedAtMs);
      [isRefused, acceptedAtMs] = [false, performance.now()];
    } else {
      if (status !== 503 || !(Number(headers['retry-after']) > 0)) throw new Error(JSON.stringify(answer));
      refused += 1;
      isRefused = true;
    }
    await delay(isRefused ? REFUSED_PAUSE_MS : ACCEPTED_PAUSE_MS);
  }
  return { accepted, refused, withoutMs };
}

/**
 * The number of pages of a crawl, once it has ended, that rag has. One that was delivered twice counts as unchanged.
 * @throws {Error} when the crawl did not complete, or its count differs from its pages
 */
export async function delivered({ crawler, rag }: TestStack, id: string): Promise<number> {
  const { status, counters, ...rest } = await crawler.finish(id);
  if (status !== 'completed')
    throw new Error(`the crawl is ${status}: ${JSON.stringify({ counters, ...rest })}`);
  const pages = Object.values(await crawler.pages(id)).filter(
    (page) => page.status === 'indexed' || page.status === 'unchanged',
  );
  if (counters.indexed + counters.unchanged !== pages.length) throw new Error(JSON.stringify(counters));
  return Math.min(pages.length, rag.documents.size);
}
