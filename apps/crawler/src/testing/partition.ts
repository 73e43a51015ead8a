import { setTimeout as delay } from 'node:timers/promises';
import { article, type FaultProxy, openFaultProxy, startSentinels, waitUntil } from '@xnai/testing';
import { delivered, submitDuring, type WatchedStack } from './failovers.ts';
import type { TestCrawler } from './test-crawler.ts';
import { startTestStack } from './test-stack.ts';

/** Two crawlers, the first of which can be left alone with the master. */
export interface PartedStack extends WatchedStack {
  readonly lonely: TestCrawler;
  readonly other: TestCrawler;
  /** By which the first one reaches the sentinels. */
  readonly ways: readonly FaultProxy[];
  readonly pages: number;
}

export interface PartedOptions {
  readonly pages: number;
  /** Default: as in docs/scale.md. */
  readonly args?: readonly string[];
  /** Whether the first crawler knows of the sentinels, and so waits for a replica. Default: it does. */
  readonly isWatching?: boolean;
}

export async function startPartedStack({
  pages,
  args,
  isWatching = true,
}: PartedOptions): Promise<PartedStack> {
  await using open = new AsyncDisposableStack();
  const group = open.use(
    await startSentinels({ keepsData: true, canPart: true, ...(args === undefined ? {} : { args }) }),
  );
  const ways = await Promise.all(
    group.sentinels.map(async ({ port }) => open.use(await openFaultProxy(() => ({ port })))),
  );
  const watching = `redis+sentinel://${ways.map(({ port }) => `127.0.0.1:${port}`).join(',')}/main`;
  const alone = `redis://127.0.0.1:${group.servers[0]?.port}`;
  const stack = open.use(await startTestStack({ variables: { REDIS_URL: isWatching ? watching : alone } }));
  const other = await stack.addReplica({ REDIS_URL: group.url });
  const links = Array.from({ length: pages }, (_, i) => `/p${i}`);
  stack.site.pages['/'] = article('Home', links);
  for (const link of links) stack.site.pages[link] = article(link);
  const opened = open.move();
  return {
    ...{ group, stack, ways, pages, other },
    lonely: stack.crawler,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export interface PartitionSeen {
  /**
   * By the crawler that was alone with the old master. Once it has left that one it may reach another: the client has learned
   * of further ways to the sentinels.
   */
  readonly acceptedAlone: readonly string[];
  readonly refusedAlone: number;
  /** By the other one. */
  readonly accepted: readonly string[];
  /** How long the old master took writes that nobody confirmed; undefined when it did so to the end. */
  readonly tookMs: number | undefined;
  /** The key of what was written to it then. */
  readonly lost: string;
}

/**
 * Parts the master and one crawler from everyone else in mid-crawl until another master has taken work, and brings them
 * together again.
 *
 * @param name of the collections, and of what is written to the old master
 * @throws {Error} for an answer that neither accepts nor refuses with the time to come again
 */
export async function partAndMend(
  parted: PartedStack,
  name: string,
): Promise<PartitionSeen & { readonly id: string }> {
  const { group, stack, lonely, other, ways } = parted;
  const { site } = stack;
  const old = await group.master();
  for (const server of group.servers) if (server !== old) await group.untilFollows(server);
  const body = { url: `${site.origin}/`, sitemap: 'skip', delay: 0.1, collection: name };
  const id = await waitUntil('it is accepted', () => lonely.submit(body).catch(() => undefined));
  await other.until(id, ({ counters }) => counters.fetched >= 2);

  let isOver = false;
  const mended = new DisposableStack();
  for (const way of ways) {
    Object.assign(way, { blackhole: true, refuse: true });
    mended.defer(() => {
      Object.assign(way, { blackhole: false, refuse: false });
      way.reset();
    });
  }
  mended.use(await group.part(old));
  const alone = submitAlone(lonely, `${site.origin}/`, () => isOver);
  const writing = writeWhileItTakes(old, `lost:${name}`, () => isOver);
  const during = submitDuring({ ...stack, crawler: other }, { isOver: () => isOver, after: 1 });
  await waitUntil('another is the master', async () => (await group.master()) !== old);
  await Promise.race([writing, delay(LAG_MS)]);
  isOver = true;
  const [seenAlone, { accepted }, tookMs] = await Promise.all([alone, during, writing]);
  mended.dispose();
  await group.untilFollows(old);
  return { id, ...seenAlone, accepted, tookMs, lost: `lost:${name}` };
}

type Old = Awaited<ReturnType<PartedStack['group']['master']>>;

/** After which a master without replicas takes no writes, with some time for a busy machine. */
const LAG_MS = 4_000;

/** A client that was not cut off and waits for no replica. */
async function writeWhileItTakes(
  { client }: Old,
  key: string,
  isOver: () => boolean,
): Promise<number | undefined> {
  const startMs = performance.now();
  await client.set(key, 'first');
  while (!isOver()) {
    const refusal = await client.set(key, 'more').then(
      () => undefined,
      (error: Error) => error,
    );
    if (refusal?.message.startsWith('NOREPLICAS')) return performance.now() - startMs;
    if (refusal !== undefined) throw refusal;
    await delay(20);
  }
  return undefined;
}

async function submitAlone(crawler: TestCrawler, url: string, isOver: () => boolean) {
  const acceptedAlone: string[] = [];
  let refusedAlone = 0;
  while (!isOver()) {
    const body = { url, sitemap: 'skip', limit: 1, collection: 'alone' };
    const answer = await crawler.request('POST', '/v1/crawls', { body });
    if (answer.status === 202) acceptedAlone.push(answer.body.id);
    else if (answer.status === 503 && Number(answer.headers['retry-after']) > 0) refusedAlone += 1;
    else throw new Error(JSON.stringify(answer.body));
    await delay(100);
  }
  return { acceptedAlone, refusedAlone };
}

/** Resolves when the crawl and all that was accepted are done. @throws {Error} when something is missing */
export async function untilAllDone(
  parted: PartedStack,
  seen: Awaited<ReturnType<typeof partAndMend>>,
): Promise<void> {
  const { stack, other, lonely, pages } = parted;
  if ((await delivered(stack, seen.id)) !== pages + 1) throw new Error(`pages of ${seen.id} are missing`);
  for (const id of [...seen.accepted, ...seen.acceptedAlone]) {
    const { status } = await other.finish(id);
    if (status !== 'completed') throw new Error(`${id} is ${status}`);
  }
  // It has found the next master.
  const again = { url: `${stack.site.origin}/`, sitemap: 'skip', limit: 1, collection: 'again' };
  const id = await waitUntil('the lonely one is back', () => lonely.submit(again).catch(() => undefined));
  await lonely.finish(id);
}
