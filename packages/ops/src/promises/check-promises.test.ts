import { chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findFreePorts } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHECKOUT, makeMachine, type TestMachine } from '../testing/machine-of.ts';
import { checkPromises } from './check-promises.ts';

let machine: TestMachine;
beforeEach(async () => {
  machine = makeMachine();
  const [rag, crawler] = await findFreePorts(2);
  machine.set('RAG_PUBLISH', String(rag));
  machine.set('CRAWL_PUBLISH', String(crawler));
});
afterEach(() => machine[Symbol.dispose]());

const container = (service: string) => ({
  Id: service,
  Name: `xnai_${service}_1`,
  Image: 'sha256:0123',
  ImageName: `localhost/xnai-${service}:latest`,
  ImageDigest: 'sha256:4567',
  State: { Status: 'running' },
  EffectiveCaps: [] as string[],
  BoundingCaps: null,
  Config: {
    User: '1001:1001',
    Labels: { 'com.docker.compose.project': 'xnai', 'com.docker.compose.service': service },
  },
  HostConfig: {
    ReadonlyRootfs: true,
    Privileged: false,
    SecurityOpt: ['no-new-privileges'],
    Memory: 2 ** 30,
    PidsLimit: 64,
    Tmpfs: { '/tmp': 'size=16m,mode=1777' } as Record<string, string>,
    PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] },
  },
  Mounts: [{ Type: 'volume', Source: '/volumes/x', Destination: '/x' }],
  NetworkSettings: { Networks: { xnai_internal: {} } as object },
});
type Container = ReturnType<typeof container>;

const ACL =
  'user default off sanitize-payload resetchannels -@all\nuser rag-cache on #0 ~xnai:cache:* -@all +get\n';

function stack(change: (rag: Container) => void = () => undefined, acl = ACL): void {
  const rag = container('rag');
  change(rag);
  const info = {
    host: { security: { rootless: true } },
    store: { graphRoot: '/g', volumePath: '/v' },
    version: { Version: '5.4.2' },
  };
  machine.program('podman', {
    info: { out: JSON.stringify(info) },
    ps: { out: 'rag\nredis\n' },
    'container inspect': { out: JSON.stringify([rag, container('redis')]) },
    'network inspect': {
      out: JSON.stringify([
        { name: 'xnai_internal', internal: true },
        { name: 'xnai_egress', internal: false },
      ]),
    },
    'exec xnai_redis_1 cat /run/xnai/users.acl': { out: acl },
    'exec xnai_rag_1 xnai audit verify': { out: 'Every line is as it was written.' },
  });
}

const broken = async () => {
  const verdicts = await checkPromises(machine.host, CHECKOUT);
  return verdicts
    .filter(({ result }) => result === 'fail')
    .map(({ promise, evidence }) => `${promise}: ${evidence}`);
};

describe('the promises of SECURITY.md', () => {
  it('are kept by a stack as it is delivered', async () => {
    stack();
    expect(await broken()).toEqual([]);
    const verdicts = await checkPromises(machine.host, CHECKOUT);
    expect(verdicts.filter(({ result }) => result === 'pass').length).toBeGreaterThanOrEqual(11);
  });

  it.each<readonly [string, (rag: Container) => void, string]>([
    [
      'root',
      (rag) => {
        rag.Config.User = '';
      },
      'rag runs as root',
    ],
    [
      'a capability',
      (rag) => {
        rag.EffectiveCaps = ['CAP_CHOWN'];
      },
      'rag has CAP_CHOWN',
    ],
    [
      'all privileges',
      (rag) => {
        rag.HostConfig.Privileged = true;
      },
      'rag is privileged',
    ],
    [
      'new privileges',
      (rag) => {
        rag.HostConfig.SecurityOpt = [];
      },
      'rag lacks it',
    ],
    [
      'a writable root',
      (rag) => {
        rag.HostConfig.ReadonlyRootfs = false;
      },
      'rag can write to its root',
    ],
    [
      'no memory limit',
      (rag) => {
        rag.HostConfig.Memory = 0;
      },
      'memory without limit',
    ],
    [
      'an unsized tmpfs',
      (rag) => {
        rag.HostConfig.Tmpfs['/run'] = 'rw';
      },
      '/run has no size',
    ],
    [
      'a folder of the host',
      (rag) => {
        rag.Mounts.push({ Type: 'bind', Source: '/home/me', Destination: '/me' });
      },
      '/home/me of the host is mounted',
    ],
    [
      'an open port',
      (rag) => {
        rag.HostConfig.PortBindings['8080/tcp'] = [{ HostIp: '', HostPort: '8080' }];
      },
      'all addresses:8080',
    ],
    [
      'a way out',
      (rag) => {
        rag.NetworkSettings.Networks = { xnai_egress: {} };
      },
      'rag is on xnai_egress',
    ],
  ])('are broken by %s', async (_what, change, evidence) => {
    stack(change);
    expect(await broken()).toEqual([expect.stringContaining(evidence)]);
  });

  it.each([
    ['the default user', 'user default on nopass ~* +@all\n', 'default may do everything'],
    ['one user who may do everything', `${ACL}user rag on #0 ~* +@all\n`, 'rag may do everything'],
    ['nothing about the default user', 'user rag on #0 ~xnai:* -@all +get\n', 'not switched off'],
  ])('are broken by a Redis with %s', async (_what, acl, evidence) => {
    stack(undefined, acl);
    expect(await broken()).toEqual([expect.stringContaining(evidence)]);
  });

  it('are broken by a route without a key, an open secret, and an old key', async () => {
    const server = createServer((_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stack();
    machine.set('RAG_PUBLISH', String((server.address() as AddressInfo).port));
    const key = {
      id: '0',
      hash: '0'.repeat(64),
      scopes: ['query'],
      created: '2020-01-01T00:00:00.000Z',
      name: 'old',
    };
    machine.file('/v/xnai_secrets-rag/_data/keys.json', JSON.stringify({ version: 1, keys: [key] }));
    chmodSync(machine.file('/v/xnai_secrets-rag/_data/redis-url', 'redis://'), 0o644);
    const found = await broken();
    server.close();
    expect(found).toEqual([
      expect.stringContaining('/v1/collections answers 200 without a key'),
      expect.stringContaining('other users may read'),
      expect.stringContaining('old (query) of 2020-01-01'),
    ]);
  });

  it('are not known of what does not run', async () => {
    const verdicts = await checkPromises(machine.host, CHECKOUT);
    expect(verdicts.filter(({ result }) => result === 'fail')).toEqual([]);
    expect(verdicts.find(({ promise }) => promise.startsWith('Redis'))).toMatchObject({ result: 'unknown' });
  });
});
