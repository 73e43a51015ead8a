import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPasswords, renderAclFile } from '@xnai/secrets';
import { AUTHORITY, article, GOOD, SELF_SIGNED, startSentinels, startSite, waitUntil } from '@xnai/testing';
import { expect, it, onTestFinished } from 'vitest';
import { startCrawlerProcess } from './testing/crawler-process.ts';
import { startFakeRag } from './testing/fake-rag.ts';

/** Servers and sentinels with TLS and passwords, as docs/scale.md has them, and a site with two pages. */
async function openAll() {
  await using opened = new AsyncDisposableStack();
  const passwords = createPasswords('seed');
  // The test itself looks as the default user.
  const acl = renderAclFile({ passwords, isReplicated: true }).replace(
    /^user default .*$/m,
    'user default on nopass ~* &* +@all',
  );
  const group = opened.use(
    await startSentinels({
      replicas: 1,
      tls: GOOD,
      acl,
      args: [
        ...['--masteruser', 'replica', '--masterauth', passwords.of('replica')],
        ...['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'],
      ],
      sentinelConfig: [
        'sentinel auth-user main sentinel',
        `sentinel auth-pass main ${passwords.of('sentinel')}`,
      ],
    }),
  );
  const rag = opened.use(await startFakeRag());
  const site = opened.use(await startSite({ '/': article('Home', ['/one']), '/one': article('One') }));
  const folder = await mkdtemp(join(tmpdir(), 'xnai-authorities-'));
  opened.defer(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'own.pem'), AUTHORITY);
  await writeFile(join(folder, 'other.pem'), SELF_SIGNED.cert);
  const of = (user: string) =>
    group.url.replace('//', `//${user}:${encodeURIComponent(passwords.of(user))}@`);
  const variables = {
    REDIS_URL: of('crawler'),
    REDIS_BREAKER_URL: of('crawler-breaker'),
    CRAWL_RAG_URL: rag.url,
    CRAWL_ALLOWED_ORIGINS: site.origin,
  };
  const resources = opened.move();
  onTestFinished(() => resources.disposeAsync());
  const start = async (file: string) => {
    const crawler = await startCrawlerProcess({
      variables: { ...variables, NODE_EXTRA_CA_CERTS: join(folder, file) },
    });
    onTestFinished(() => crawler[Symbol.asyncDispose]());
    return crawler;
  };
  return { site, rag, start };
}

const redisCheck = async ({ fetch }: Awaited<ReturnType<typeof startCrawlerProcess>>) =>
  ((await (await fetch('/readyz')).json()) as { checks: { redis: { status: string; detail?: unknown } } })
    .checks.redis;

it('crawls through sentinels with TLS, and says which certificate it does not trust', async () => {
  const { site, rag, start } = await openAll();
  const crawler = await start('own.pem');
  await waitUntil('Redis is there', async () => (await redisCheck(crawler)).status === 'ok');
  const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip' });
  const ended = await crawler.until(id, ({ finishedAt }) => finishedAt !== null);
  expect(ended).toMatchObject({ status: 'completed', counters: { indexed: 2 } });
  expect(rag.documents.size).toBe(2);

  const stranger = await start('other.pem');
  const check = await waitUntil('it says why', async () => {
    const found = await redisCheck(stranger);
    return String(found.detail).includes('certificate') && found;
  });
  expect(check).toEqual({
    status: 'down',
    detail: expect.stringMatching(/crawls cannot be submitted: .* certificate cannot be trusted/),
  });
});
