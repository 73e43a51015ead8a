import {
  openFaultProxy,
  startSentinels,
  type TestSentinels,
  type WatchedRedis,
  waitUntil,
} from '@xnai/testing';
import { describe, expect, it } from 'vitest';
import { delivered, startWatchedStack, submitDuring } from './testing/failovers.ts';
import { startTestStack } from './testing/test-stack.ts';

const FAILOVERS = 20;
const PAGES = 30;
const patient = { timeoutMs: 120_000 };

async function end(group: TestSentinels, master: WatchedRedis, n: number): Promise<void> {
  if (n % 3 === 0) await master.kill();
  else if (n % 3 === 1) master.pause();
  else await group.handOver();
}

it(`loses nothing that it acknowledged over ${FAILOVERS} failovers in mid-crawl`, async () => {
  await using watched = await startWatchedStack(PAGES, { isForked: true });
  const { group, stack } = watched;
  const { crawler, rag, site } = stack;
  const submit = (n: number) =>
    crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.2, collection: `long-${n}` });
  const [accepted, times]: [string[], number[]] = [[], []];
  let refusals = 0;
  for (let n = 0; n < FAILOVERS; n++) {
    for (const server of group.servers)
      if (server !== (await group.master())) await group.untilFollows(server);
    const id = await waitUntil('it is accepted', () => submit(n).catch(() => undefined), patient);
    await crawler.until(id, ({ counters }) => counters.fetched >= 2);
    const old = await group.master();
    let isOver = false;
    const submitting = submitDuring(stack, { isOver: () => isOver, after: 1 });
    await end(group, old, n);
    await waitUntil('another is the master', async () => (await group.master()) !== old, patient);
    if (n % 3 === 0) await old.start();
    if (n % 3 === 1) old.resume();
    isOver = true;
    const { accepted: during, refused, withoutMs } = await submitting;
    accepted.push(...during);
    refusals += refused;
    times.push(withoutMs);
    expect(await delivered(stack, id), `pages of failover ${n}`).toBe(PAGES + 1);
  }
  for (const id of accepted) {
    const state = async () => (await crawler.request('GET', `/v1/crawls/${id}`)).body.status;
    await expect.poll(state, { timeout: patient.timeoutMs }).toBe('completed');
  }
  times.sort((a, b) => a - b);
  const seconds = (ms = 0) => (ms / 1000).toFixed(1);
  process.stdout.write(
    `${FAILOVERS} failovers with a master lost after 1 s: no crawl taken for ${seconds(times[FAILOVERS / 2])} s (median), ${seconds(times.at(-1))} s (longest); ${accepted.length} of ${accepted.length + refusals} submissions in it were accepted, all were carried out; ${rag.puts.length} pages delivered for ${FAILOVERS * (PAGES + 1) + accepted.length}\n`,
  );
  expect(refusals).toBeGreaterThan(0);
}, 3_600_000);

/** Kills the master right after it has answered a submission that no replica got. */
async function submitUnseen(group: TestSentinels, url: string) {
  await using stack = await startTestStack({ variables: { REDIS_URL: url } });
  const { crawler, site } = stack;
  site.pages['/'] = '<p>Home</p>';
  const old = await group.master();
  const body = { url: `${site.origin}/`, sitemap: 'skip' };
  let answer: Awaited<ReturnType<typeof crawler.request>>;
  {
    using _cut = await group.cutOff(old);
    answer = await crawler.request('POST', '/v1/crawls', { body });
    await old.kill();
  }
  await waitUntil('another is the master', async () => (await group.master()) !== old, patient);
  await waitUntil(
    'the crawler is back',
    async () => (await crawler.request('GET', '/v1/crawls')).status === 200,
    patient,
  );
  const found =
    answer.status === 202 ? (await crawler.request('GET', `/v1/crawls/${answer.body.id}`)).status : undefined;
  return { status: answer.status, found };
}

describe('a submission that reached no replica', () => {
  it('is refused', async () => {
    await using group = await startSentinels();
    expect(await submitUnseen(group, group.url)).toEqual({ status: 503, found: undefined });
  }, 120_000);

  it('is refused by WAIT alone', async () => {
    await using group = await startSentinels({ args: [] });
    expect(await submitUnseen(group, group.url)).toEqual({ status: 503, found: undefined });
  }, 120_000);

  it('is acknowledged and lost without WAIT and min-replicas-to-write: these tests can fail', async () => {
    await using group = await startSentinels({ args: [] });
    let port = (await group.master()).port;
    await using proxy = await openFaultProxy(() => ({ port }));
    const following = setInterval(() => {
      void group.master().then((master) => {
        port = master.port;
      });
    }, 100);
    using _following = { [Symbol.dispose]: () => clearInterval(following) };
    expect(await submitUnseen(group, `redis://127.0.0.1:${proxy.port}`)).toEqual({ status: 202, found: 404 });
  }, 120_000);
});
