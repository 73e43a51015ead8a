import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { WebhookEvent } from '@xnai/contracts';
import { article, startSite, type TestSite } from '@xnai/testing';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startTestStack, type TestStack } from '../testing/test-stack.ts';

const [OLD, NEW] = [1, 2].map((fill) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`) as [
  string,
  string,
];

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly event: WebhookEvent;
}

let stack: TestStack;
let receiver: TestSite;
let folder: string;
let received: Received[];
/** The status that the receiver answers with next; 0: it never answers. */
let statuses: number[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-webhooks-'));
  received = [];
  statuses = [];
  receiver = await startSite({
    '/hook': async (request, response) => {
      const body = await text(request);
      const status = statuses.shift() ?? 204;
      if (status === 204)
        received.push({ headers: request.headers as Record<string, string>, body, event: JSON.parse(body) });
      if (status !== 0) response.writeHead(status).end();
    },
  });
  saveSecrets({ default: OLD, second: [NEW, OLD] });
  stack = await startTestStack({
    variables: {
      CRAWL_WEBHOOK_ORIGINS: receiver.origin,
      CRAWL_WEBHOOK_SECRETS_FILE: join(folder, 'secrets.json'),
    },
  });
  Object.assign(stack.site.pages, { '/': article('Home', ['/one', '/gone']), '/one': article('One') });
});
afterEach(async () => {
  await stack?.[Symbol.asyncDispose]();
  await receiver?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function saveSecrets(secrets: object): void {
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify(secrets));
}

const request = (webhook: object) => ({
  url: `${stack.site.origin}/`,
  sitemap: 'skip',
  webhook: { url: `${receiver.origin}/hook`, ...webhook },
});
const submit = (webhook: object = {}) => stack.crawler.submit(request(webhook));
const types = () => received.map(({ event }) => event.type);
const untilEnd = () =>
  vi.waitUntil(() => types().some((type) => /completed|failed/.test(type)), {
    timeout: 30_000,
    interval: 50,
  });
const deliveries = async (id: string) =>
  (await stack.crawler.request('GET', `/v1/crawls/${id}/deliveries`)).body.deliveries;

it('tells a crawl from its start to its end, signed as receivers expect it', async () => {
  const id = await submit({ metadata: { ticket: '7' } });
  await untilEnd();
  expect(types()).toEqual(['crawl.started', 'crawl.page', 'crawl.page', 'crawl.page', 'crawl.completed']);
  for (const { headers, body, event } of received) {
    expect(new Webhook(OLD).verify(body, headers)).toEqual(event);
    expect(() => new Webhook(NEW).verify(body, headers)).toThrow();
    expect(() => new Webhook(OLD).verify(`${body} `, headers)).toThrow();
    expect(event).toMatchObject({ success: true, id, metadata: { ticket: '7' } });
  }
  expect(received.map(({ event }) => event.data)).toMatchObject([
    [],
    [{ url: expect.any(String) }],
    [{}],
    [{}],
    [{ status: 'completed_with_errors' }],
  ]);
  expect(await deliveries(id)).toHaveLength(5);
}, 60_000);

it('sends only what is wanted, and signs with both secrets while one takes the place of the other', async () => {
  await submit({ events: ['completed'], secretName: 'second' });
  await untilEnd();
  const [one] = received;
  for (const secret of [OLD, NEW])
    expect(new Webhook(secret).verify(one?.body ?? '', one?.headers ?? {})).toBeTruthy();
  expect(types()).toEqual(['crawl.completed']);
}, 60_000);

it('tries again in order, as the same message, and the log tells each attempt', async () => {
  statuses = [500, 302, 429];
  const id = await submit({ events: ['started', 'completed'] });
  await untilEnd();
  expect(types()).toEqual(['crawl.started', 'crawl.completed']);
  const log = await deliveries(id);
  expect(
    log.map(({ attempt, httpStatus, delivered }: Record<string, unknown>) => [
      attempt,
      httpStatus,
      delivered,
    ]),
  ).toEqual([
    [1, 500, false],
    [2, 302, false],
    [3, 429, false],
    [4, 204, true],
    [1, 204, true],
  ]);
  expect(new Set(log.slice(0, 4).map(({ webhookId }: { webhookId: string }) => webhookId)).size).toBe(1);
}, 60_000);

it('goes on after a restart, and a receiver that never answers holds up nothing but itself', async () => {
  statuses = [0];
  const id = await submit({ events: ['started'] });
  expect(await stack.crawler.finish(id)).toMatchObject({ status: 'completed_with_errors' });
  const replica = await stack.addReplica();
  await stack.crawler[Symbol.asyncDispose]();
  await vi.waitUntil(() => received.length > 0, { timeout: 60_000, interval: 100 });
  expect(types()).toEqual(['crawl.started']);
  expect(
    (await replica.request('GET', `/v1/crawls/${id}/deliveries`)).body.deliveries.length,
  ).toBeGreaterThan(0);
}, 120_000);

it('asks no more where it was told that nothing is wanted', async () => {
  statuses = [410];
  const id = await submit();
  await stack.crawler.finish(id);
  await vi.waitUntil(async () => (await deliveries(id)).length > 0, { timeout: 30_000, interval: 50 });
  expect(await deliveries(id)).toMatchObject([{ httpStatus: 410, delivered: false }]);
  expect(received).toEqual([]);
}, 60_000);

it('goes nowhere that was not allowed for webhooks, and with no secret that there is not', async () => {
  const refusal = async (webhook: object) => {
    const { status, body } = await stack.crawler.request('POST', '/v1/crawls', { body: request(webhook) });
    return [status, body.code, body.detail];
  };
  expect(await refusal({ url: `${stack.site.origin}/hook` })).toEqual([
    422,
    'TARGET_NOT_PUBLIC',
    expect.stringContaining('CRAWL_WEBHOOK_ORIGINS'),
  ]);
  expect((await refusal({ url: 'http://169.254.169.254/' })).slice(0, 2)).toEqual([422, 'TARGET_NOT_PUBLIC']);
  expect((await refusal({ url: 'file:///etc/passwd' }))[0]).toBe(400);
  expect(await refusal({ secretName: 'third' })).toEqual([
    400,
    'VALIDATION',
    expect.stringContaining('third'),
  ]);
  expect((await refusal({ secret: 'abc' }))[0]).toBe(400);
  saveSecrets({ default: OLD, third: NEW });
  expect((await refusal({ secretName: 'third' }))[0]).toBe(202);
}, 60_000);
