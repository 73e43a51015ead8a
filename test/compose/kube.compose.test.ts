import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Crawl, QueryResponse } from '@xnai/contracts';
import { article, startSite, type TestSite } from '@xnai/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Balanced, openBalanced, type Seen } from './support/balanced.ts';
import { openBuiltMachine } from './support/built-machine.ts';
import type { Machine } from './support/machine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PORTS = { rag: 19480, crawler: 19481 };
const FILE = 'pods.yaml';
const UP_MS = 90_000;
const PODS = [
  'balancer-0',
  ...['crawler-0', 'crawler-1', 'database-0', 'models', 'rag-0', 'rag-1'],
  ...['sentinel-0', 'sentinel-1', 'sentinel-2', 'valkey-0', 'valkey-1', 'valkey-2'],
];

let machine: Machine;
let site: TestSite;
let folder: string;
let client: Balanced;
const seen: Seen = { answered: 0, refused: 0, failed: [] };

beforeAll(async () => {
  machine = await openBuiltMachine();
  site = await startSite(
    {
      '/': article('Lakes', ['/baikal', '/como'], 'A list of lakes.'),
      '/baikal': article('Lake Baikal', [], 'Lake Baikal is 1642 metres deep.'),
      '/como': article('Lake Como', [], 'Lake Como is 425 metres deep.'),
    },
    { host: '0.0.0.0' },
  );
  folder = mkdtempSync(join(tmpdir(), 'kube-'));
});
afterAll(async () => {
  client?.[Symbol.dispose]();
  await machine?.run(['podman', 'pod', 'rm', '-af', '-t', '0']);
  await machine?.run(['podman', 'volume', 'rm', '-af']);
  await site?.[Symbol.asyncDispose]();
  await machine?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const siteUrl = () => `http://host.containers.internal:${site.port}`;
const inPod = async (pod: string, command: string) =>
  (
    await machine.run(['podman', 'exec', `${pod}-${pod.replace(/-\d$/, '')}`, 'sh', '-c', command])
  ).output.trim();
const podsThat = async (status: string) =>
  (await machine.run(['podman', 'pod', 'ps', '--filter', `status=${status}`, '--format', '{{.Name}}'])).output
    .trim()
    .split('\n')
    .filter(Boolean)
    .sort();

/** What `npm run kube -- pods` prints, on ports of the tests. */
function manifests(): string {
  const set = [`CRAWL_ALLOWED_ORIGINS=${siteUrl()}`, 'RAG_GENERATE_MODEL=none', 'XNAI_STOP_DRAIN=0s'];
  const args = ['apps/dev/kube.ts', 'pods', folder, ...set.flatMap((one) => ['--set', one])];
  const printed = execFileSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return printed
    .replace('hostPort: 8443', `hostPort: ${PORTS.rag}`)
    .replace('hostPort: 8444', `hostPort: ${PORTS.crawler}`);
}

it('comes up by podman kube play, as the user and within the limits that the manifests say', async () => {
  // A word of a command line has at most 128 KiB.
  const halves = manifests().match(/[\s\S]{1,60000}/g) ?? [];
  await machine.run(['sh', '-c', `printf %s "$@" >${FILE}`, 'sh', ...halves]);
  const played = await machine.run(
    ['podman', 'kube', 'play', '--userns', 'keep-id:uid=1001,gid=1001', FILE],
    {
      timeoutMs: UP_MS,
    },
  );
  expect(played.code, played.output.slice(-3000)).toBe(0);

  const options = {
    ragUrl: `https://localhost:${PORTS.rag}`,
    crawlerUrl: `https://localhost:${PORTS.crawler}`,
    key: readFileSync(join(folder, 'rag/first-key'), 'utf8').trim(),
    ca: readFileSync(join(folder, 'balancer/tls.crt'), 'utf8'),
  };
  const ready = {
    rag: expect.objectContaining({ status: 'ready' }),
    crawler: expect.objectContaining({ status: 'ready' }),
  };
  // What fails until the balancer is there is no failure of the stack.
  using early = openBalanced(options, { answered: 0, refused: 0, failed: [] });
  await expect
    .poll(
      async () => ({
        rag: await early.rag('GET', '/readyz'),
        crawler: await early.crawler('GET', '/readyz'),
      }),
      { timeout: UP_MS, interval: 500 },
    )
    .toEqual(ready);
  client = openBalanced(options, seen);
  expect(await podsThat('running')).toEqual(PODS.filter((name) => name !== 'models'));
  // Its work is done.
  expect(await podsThat('exited')).toEqual(['models']);
  for (const pod of ['rag-0', 'crawler-1', 'database-0', 'valkey-2', 'balancer-0'])
    expect(
      await inPod(pod, 'grep -E "^(Uid|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status | tr -s "\\t\\n" " "'),
    ).toBe('Uid: 1001 1001 1001 1001 CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2');
  expect(await inPod('crawler-0', 'grep " /app/work " /proc/mounts')).toMatch(/^tmpfs .*size=204800k/);
  expect(await inPod('rag-1', 'touch /app/x || touch /etc/x')).toMatch(
    /Read-only file system[\s\S]*Read-only file system/,
  );
});

it('crawls, answers, and goes on when a replica of each is killed', async () => {
  const { id = '' } =
    (await client.crawler<Crawl>('POST', '/v1/crawls', {
      url: siteUrl(),
      collection: 'lakes',
      render: 'never',
    })) ?? {};
  await expect
    .poll(() => client.crawler<Crawl>('GET', `/v1/crawls/${id}`), { timeout: 30_000, interval: 300 })
    .toMatchObject({ status: 'completed', counters: { indexed: 3, failed: 0 } });

  for (const pod of ['rag-0', 'crawler-0']) {
    const container = `${pod}-${pod.slice(0, -2)}`;
    const { output } = await machine.run(['podman', 'inspect', '--format', '{{.State.Pid}}', container]);
    await machine.run(['kill', '-9', output.trim()]);
  }
  const question = { query: 'How deep is Lake Baikal?', collection: 'lakes' };
  for (let n = 0; n < 10; n += 1)
    expect((await client.rag<QueryResponse>('POST', '/v1/query', question))?.answer).toContain('1642 metres');
  await expect
    .poll(() => inPod('rag-0', 'node /app/containers/health.ts 8080 && echo up'), {
      timeout: 30_000,
      interval: 500,
    })
    .toBe('up');
  await expect
    .poll(() => inPod('crawler-0', 'node /app/containers/health.ts 8081 && echo up'), {
      timeout: 30_000,
      interval: 500,
    })
    .toBe('up');
  console.log('kube', seen);
  expect(seen.failed).toEqual([]);
});

it('is taken down again, and leaves what it has to keep', async () => {
  const down = await machine.run(['podman', 'kube', 'down', FILE]);
  expect(down.code, down.output.slice(-3000)).toBe(0);
  expect((await machine.run(['podman', 'ps', '-aq'])).output.trim()).toBe('');
  const { output } = await machine.run(['podman', 'volume', 'ls', '-q']);
  expect(output.split('\n')).toEqual(
    expect.arrayContaining(['kept-database-0', 'kept-valkey-1', 'audit-rag-0', 'models']),
  );
});
