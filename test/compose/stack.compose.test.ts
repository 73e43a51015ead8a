import { article, startSite, type TestSite } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../support/api.ts';
import { commandsOfTheTour, PRINTED_ON_TOUR } from '../support/tour.ts';
import { openBuiltMachine } from './support/built-machine.ts';
import { type ComposeStack, createComposeStack } from './support/compose-stack.ts';
import { privileges, storageMounts, writableFolders } from './support/inside.ts';
import type { Machine } from './support/machine.ts';

const SERVICES = ['redis', 'rag', 'crawler'];

let machine: Machine;
let stack: ComposeStack;
let api: Api;
/** A site of the box itself, as the containers name it. */
let boxSite: TestSite;
let boxOrigin: string;

beforeAll(async () => {
  machine = await openBuiltMachine();
  boxSite = await startSite(
    { '/': article('The larder', [], 'The cheese is on the third shelf.') },
    { host: '0.0.0.0' },
  );
  boxOrigin = `http://host.containers.internal:${boxSite.port}`;
  stack = createComposeStack(machine, {
    overlays: ['test/compose/site.yaml'],
    env: { ALLOWED_ORIGINS: `http://site:8000,${boxOrigin}` },
  });
  const up = await stack.up();
  expect(up.code, up.output.slice(-3000)).toBe(0);
  await stack.healthy();
  api = await stack.api();
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await machine?.[Symbol.asyncDispose]();
  await boxSite?.[Symbol.asyncDispose]();
});

/** `npm run` after its set-up, with the Node and the packages of the image, as the machine has neither. */
const npmRun = (command: string) =>
  command.replace(
    /^npm run (\w+) -- /,
    'i=$(podman image mount localhost/xnai-rag); exec "$i/usr/local/bin/node" "$i/app/packages/cli/src/main.ts" $1 ',
  );

describe('the stack in rootless containers', () => {
  it('crawls a site, indexes it and answers with the cited page', async () => {
    const { id } = await api.crawler.submitCrawl({ url: 'http://site:8000/' });
    const crawl = await api.endedCrawl(id);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: 3, failed: 0 } });

    const answer = await api.rag.query({ query: 'How large may an upload be?' });

    expect(answer.answer).toMatch(/37 megabytes/);
    expect(answer.citations.map(({ url }) => url)).toContain('http://site:8000/limits.html');
  });

  it('crawls a site of the same box by the name that Podman gives it', async () => {
    const { id } = await api.crawler.submitCrawl({ url: `${boxOrigin}/` });

    expect(await api.endedCrawl(id)).toMatchObject({ status: 'completed', counters: { indexed: 1 } });
    expect((await api.rag.query({ query: 'Where is the cheese?' })).answer).toMatch(/third shelf/);
  });

  it('answers on the tour of README, whose commands find it by themselves', async () => {
    const [, ...commands] = commandsOfTheTour();
    expect(commands).toHaveLength(PRINTED_ON_TOUR.length);
    for (const [nth, command] of commands.entries()) {
      const ran = await machine.run(['podman', 'unshare', 'sh', '-c', npmRun(command)]);
      expect(ran.output).toMatch(PRINTED_ON_TOUR[nth] ?? '');
      expect(ran.code).toBe(0);
    }
  });

  it('is ready with Redis in both services', async () => {
    expect(await api.rag.readiness()).toMatchObject({ status: 'ready', degraded: [], advice: [] });
    expect((await api.rag.readiness()).checks).toMatchObject({ redis: { status: 'ok' } });
    expect((await api.crawler.readiness()).checks).toMatchObject({ redis: { status: 'ok' } });
  });
});

describe('the browser in the container', () => {
  it('renders a page that a script builds', async () => {
    const page = await api.crawler.scrape({ url: 'http://site:8000/app.html', render: 'always' });

    expect(page).toMatchObject({ rendered: true, httpStatus: 200, title: 'Nests' });
    expect(page.markdown).toContain('17 inch and 24 inch sticks');
  });

  it('has advice about its sandbox without the overlay for it, which is no fault', async () => {
    const { status, degraded, advice } = await api.crawler.readiness();

    expect({ status, degraded }).toEqual({ status: 'ready', degraded: [] });
    expect(advice).toMatchObject([
      { code: 'browser-sandbox', command: expect.stringContaining('compose/sandbox.yaml') },
    ]);
  });
});

/** Where each service may write to a disk. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  secrets: [
    ...['redis', 'rag', 'crawler', 'backup'].map((one) => `/run/secrets-of/${one}`),
    '/var/lib/xnai-audit/commands',
  ],
  rag: ['/var/lib/xnai-audit/rag', '/var/lib/xnai-snapshots'],
  crawler: ['/var/lib/xnai-audit/crawler', '/var/lib/xnai-schedules'],
};

describe.each([...SERVICES, 'secrets'])('the container of %s', (service) => {
  it('runs as 1001 without capabilities, with seccomp and no-new-privileges', async () => {
    expect(await privileges(stack, service)).toEqual({
      uid: '1001',
      capabilities: ['0000000000000000', '0000000000000000', '0000000000000000'],
      seccomp: '2',
      noNewPrivileges: '1',
    });
  });

  it('can store nothing but in sized tmpfs mounts and its named volumes', async () => {
    const mounts = await storageMounts(stack, service);
    const kept = KEPT[service] ?? [];

    expect(mounts.length).toBeGreaterThan(0);
    for (const mount of mounts.filter(({ path }) => !kept.includes(path)))
      expect(mount).toMatchObject({ type: 'tmpfs', size: expect.stringMatching(/^\d+k$/) });
    const folders = await writableFolders(stack, service);
    expect(folders).toContain('/tmp');
    for (const folder of folders) {
      expect(mounts.some(({ path }) => folder === path || folder.startsWith(`${path}/`))).toBe(true);
    }
  });

  it('holds less in its tmpfs mounts than its memory limit', async () => {
    const [{ HostConfig }] = JSON.parse(await stack.inspect(service));
    const sizes = (await storageMounts(stack, service)).map(({ size = '0k' }) => Number.parseInt(size, 10));
    // The engine's /dev belongs to root, and the container's user can write nothing there.
    const dev = 64 * 1024;

    expect((sizes.reduce((sum, size) => sum + size, 0) - dev) * 1024).toBeLessThan(HostConfig.Memory);
  });

  it('has limits of memory and processes', async () => {
    const [{ HostConfig }] = JSON.parse(await stack.inspect(service));

    expect(HostConfig.Memory).toBeGreaterThan(0);
    expect(HostConfig.PidsLimit).toBeGreaterThan(0);
    expect(HostConfig.ReadonlyRootfs).toBe(true);
  });
});

describe('networks', () => {
  const reach =
    "fetch('http://site:8000/').then((r) => console.log(r.status), (e) => console.log(e.cause.code))";

  it('gives the crawler a way out and rag none', async () => {
    expect((await stack.exec('crawler', ['node', '-e', reach])).output.trim()).toBe('200');
    expect((await stack.exec('rag', ['node', '-e', reach])).output.trim()).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it('publishes the APIs on loopback alone', async () => {
    for (const service of SERVICES) {
      const [{ HostConfig }] = JSON.parse(await stack.inspect(service));
      const hosts = Object.values(HostConfig.PortBindings ?? {}).flat() as { HostIp: string }[];
      for (const { HostIp } of hosts) expect(HostIp).toBe('127.0.0.1');
      expect(hosts).toHaveLength(service === 'redis' ? 0 : 1);
    }
  });
});

describe('secrets', () => {
  const read = async (service: string, file: string) =>
    (await stack.exec(service, ['cat', file])).output.trim();

  it('are in no log and no inspect', async () => {
    const password = (url: string) => decodeURIComponent(new URL(url).password);
    const secrets = [
      await read('rag', '/run/xnai/first-key'),
      await read('crawler', '/run/xnai/rag-key'),
      password(await read('rag', '/run/xnai/redis-url')),
      password(await read('crawler', '/run/xnai/redis-url')),
      await read('redis', '/run/xnai/monitor-password'),
    ];
    for (const service of [...SERVICES, 'secrets']) {
      const shown = (await stack.inspect(service)) + (await stack.logs(service));
      for (const secret of secrets) expect(secret.length > 20 && shown.includes(secret)).toBe(false);
    }
    expect(secrets.every((secret) => secret.length > 20)).toBe(true);
  });

  it('stay in the volume of the service that they belong to', async () => {
    expect((await stack.exec('rag', ['ls', '/run/xnai'])).output).not.toMatch(/rag-key|users\.acl/);
    expect((await stack.exec('crawler', ['ls', '/run/xnai'])).output).not.toMatch(/first-key|users\.acl/);
  });

  it("give the crawler's Redis user its own job and nothing else", async () => {
    const url = new URL(await read('crawler', '/run/xnai/redis-url'));
    const cli = (...args: string[]) =>
      stack.exec('redis', [
        'sh',
        '-c',
        'REDISCLI_AUTH=$0 redis-cli --user crawler "$@"',
        decodeURIComponent(url.password),
        ...args,
      ]);

    expect((await cli('SET', 'xnai:crawl:probe', '1', 'EX', '5')).output).toMatch(/OK/);
    for (const denied of [
      ['FLUSHALL'],
      ['CONFIG', 'GET', '*'],
      ['KEYS', '*'],
      ['GET', 'xnai:cache:x'],
      ['HSET', 'xnai:brk:{rag:store}', 'state', 'open'],
      ['ACL', 'LIST'],
      ['SHUTDOWN'],
    ]) {
      expect((await cli(...denied)).output, denied.join(' ')).toMatch(/NOPERM/);
    }
  });

  it('let nobody in without a login', async () => {
    expect((await stack.exec('redis', ['redis-cli', 'PING'])).output).toMatch(/NOAUTH/);
  });
});
