import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AUTHORITY, EXPIRED, GOOD, SELF_SIGNED, startSentinels, waitUntil } from '@xnai/testing';
import type { Redis } from 'ioredis';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { connectRedis, fastFailing, faultOf } from '../index.ts';

const known = getCACertificates('default');
afterEach(() => setDefaultCACertificates(known));

/** With patience for a busy machine. */
const open = (url: string): Redis => {
  const client = connectRedis(url, fastFailing(5_000));
  onTestFinished(() => client.disconnect());
  client.connect().catch(() => {});
  return client;
};
const untilFault = async (url: string, what: RegExp) => {
  const client = open(url);
  await waitUntil('the fault is known', () => what.test(faultOf(client) ?? ''), {
    timeoutMs: 20_000,
    describe: () => String(faultOf(client)),
  });
  client.disconnect();
};
const write = (client: Redis, value: string) =>
  waitUntil('a write is taken', () => client.set('key', value).catch(() => undefined));

const DISTRUST =
  /does not answer: its certificate cannot be trusted \([A-Z_]+\): NODE_EXTRA_CA_CERTS names the file/;

test('servers and sentinels that speak TLS are used by those who know their authority, also after a failover', async () => {
  await using group = await startSentinels({ replicas: 1, tls: GOOD });
  const [server] = group.servers.map(({ port }) => `127.0.0.1:${port}`);
  const [sentinel] = group.sentinels.map(({ port }) => `127.0.0.1:${port}`);
  await untilFault(group.url, DISTRUST);
  await untilFault(`rediss://${server}`, /^its certificate cannot be trusted/);
  setDefaultCACertificates([SELF_SIGNED.cert]);
  await untilFault(group.url, DISTRUST);
  await untilFault(
    group.url.replace('rediss', 'redis'),
    /does not answer: \w+ ECONNRESET; is its URL rediss/,
  );

  setDefaultCACertificates([AUTHORITY]);
  await untilFault(`rediss://${sentinel}`, /^it is a sentinel: rediss\+sentinel:\/\/127/);
  await untilFault(group.url.replace('//', '//ann:wrong@'), /^it refuses the login: WRONGPASS/);
  const client = open(group.url);
  await write(client, 'before');
  const old = await group.master();
  await group.handOver();
  await waitUntil('another is the master', async () => (await group.master()) !== old);
  await write(client, 'after');
  expect(await (await group.master()).client.get('key')).toBe('after');
}, 120_000);

test('a certificate that expires in mid-life is named', async () => {
  setDefaultCACertificates([AUTHORITY]);
  await using group = await startSentinels({ replicas: 0, args: [], tls: GOOD });
  const client = open(group.url);
  await write(client, 'x');
  await group.present(EXPIRED);
  client.disconnect(true);
  await waitUntil(
    'the fault is known',
    () => faultOf(client) === 'its certificate has expired (CERT_HAS_EXPIRED)',
    { describe: () => String(faultOf(client)) },
  );
}, 120_000);
