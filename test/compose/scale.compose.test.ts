import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Crawl } from '@xnai/contracts';
import { article, startSite, type TestSite } from '@xnai/testing';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Balanced, type BalancedOptions, openBalanced, type Seen } from './support/balanced.ts';
import { type ComposeStack, createComposeStack } from './support/compose-stack.ts';
import { privileges } from './support/inside.ts';
import { type Machine, openMachine } from './support/machine.ts';
import { ended, type Load, startLoad, wordOf } from './support/scale-load.ts';

/** The order in which an operator restarts them. */
const REPLICAS = ['rag-a', 'rag-b', 'crawler-a', 'crawler-b'];
const SERVERS = ['valkey-a', 'valkey-b', 'valkey-c'];
const CLIENTS = 12;
const CRAWLING = 2;
const PAGES = 30;
/** In which the balancer has seen for certain that a replica is there: two of its checks. */
const NOTICED_MS = 2000;

const HOSTS = {
  one: ['secrets', 'database', 'valkey-a', 'sentinel-a'],
  two: ['secrets', 'models', 'balancer', 'rag-a', 'crawler-a', 'valkey-b', 'sentinel-b'],
  three: ['secrets', 'models', 'rag-b', 'crawler-b', 'valkey-c', 'sentinel-c'],
};

let machine: Machine;
let site: TestSite;
let stack: ComposeStack;
let balancer: BalancedOptions;

beforeAll(async () => {
  machine = await openMachine(1001);
  site = await startSite(pages(), { host: '0.0.0.0' });
  stack = createComposeStack(machine, {
    file: 'compose/scale.yaml',
    env: {
      ALLOWED_ORIGINS: siteUrl(),
      // No limit is in the way of the load; what is left of it is counted.
      RATE_LIMIT_ASK: '100000',
      RATE_LIMIT_WRITE: '100000',
      RATE_LIMIT_CRAWL: '100000',
      STOP_DRAIN: '4s',
    },
  });
  const built = await stack.compose(['build'], 900_000);
  expect(built.code, built.output.slice(-3000)).toBe(0);
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  await machine?.[Symbol.asyncDispose]();
});

const siteUrl = () => `http://host.containers.internal:${site.port}`;

/** Each page a moment late, so that a crawl is under way for some seconds. */
function pages() {
  const name = (n: number) => `/page-${n}`;
  const links = Array.from({ length: PAGES - 1 }, (_, n) => name(n + 1));
  const all = Object.fromEntries(
    links.map((path, n) => [path, article(`Lake ${n + 1}`, [], `Lake ${n + 1} is ${n + 40} metres deep.`)]),
  );
  return { '/': article('Lakes', links, 'A list of all lakes.'), ...all };
}

/** As `--hosts` has it. */
const toAddresses = () =>
  Object.fromEntries(
    Object.entries(HOSTS).map(([name, services], n) => [name, { address: `10.0.0.${n + 1}`, services }]),
  );

const healthy = (service: string) =>
  expect.poll(() => stack.healthCheck(service).catch(() => 1), { timeout: 60_000, interval: 500 }).toBe(0);
const exec = async (service: string, command: string) =>
  (await stack.exec(service, ['sh', '-c', command])).output.trim();

async function master(): Promise<string> {
  const ask = 'REDISCLI_AUTH=$(cat /run/xnai/password) valkey-cli --no-auth-warning -p 26379';
  return (await exec('sentinel-b', `${ask} sentinel get-master-addr-by-name main`)).split('\n')[0] ?? '';
}

/** Each page is there. One that was delivered before its crawl was taken over by another replica is then unchanged. */
async function isComplete(client: Balanced, { status, counters, collection }: Crawl): Promise<void> {
  const { indexed, unchanged, failed } = counters;
  expect({ status, failed, taken: indexed + unchanged }).toEqual({
    status: 'completed',
    failed: 0,
    taken: PAGES,
  });
  expect(await client.rag('GET', `/v1/collections/${collection}`)).toMatchObject({ documents: PAGES });
}

/** Nothing of this load was lost: no request, no document, no crawl. */
async function isWhole({ seen, collection, documents, crawls }: Load): Promise<void> {
  expect(seen.failed).toEqual([]);
  expect(documents.length).toBeGreaterThan(CLIENTS);
  using client = openBalanced(balancer, seen);
  for (const crawl of crawls) await isComplete(client, crawl);
  for (const id of documents)
    expect(await client.rag('GET', `/v1/collections/${collection}/documents/${id}`)).toMatchObject({ id });
  for (const id of documents.filter((_, n) => n % 20 === 0)) {
    const found = await client.rag('POST', '/v1/search', { query: wordOf(id), collection });
    expect(found).toMatchObject({ results: [{ document_id: id }] });
  }
}

it('comes up behind its balancer, with TLS, and each service has what it needs alone', async () => {
  const up = await stack.up();
  expect(up.code, up.output.slice(-3000)).toBe(0);
  for (const service of [
    'database',
    ...SERVERS,
    'sentinel-a',
    'sentinel-b',
    'sentinel-c',
    ...REPLICAS,
    'balancer',
  ])
    await healthy(service);
  balancer = {
    ragUrl: `https://localhost:${stack.variables.RAG_PUBLISH}`,
    crawlerUrl: `https://localhost:${stack.variables.CRAWL_PUBLISH}`,
    key: await exec('rag-b', 'cat /run/xnai/first-key'),
    ca: await exec('secrets', 'cat /run/secrets-of/balancer/tls.crt'),
  };
  for (const service of ['database', 'valkey-a', 'sentinel-a', 'rag-a', 'crawler-a', 'balancer'])
    expect(await privileges(stack, service)).toMatchObject({
      uid: '1001',
      capabilities: Array(3).fill('0000000000000000'),
      noNewPrivileges: '1',
    });
  const reach = (host: string, port: number) =>
    exec(
      'rag-a',
      `node -e "require('net').connect({host:'${host}',port:${port},timeout:3000}).on('connect',()=>{console.log('open');process.exit()}).on('timeout',()=>process.exit()).on('error',(e)=>console.log(e.code))"`,
    );
  expect(await reach('database', 5432)).toBe('open');
  expect(await reach('sentinel-a', 26_379)).toBe('open');
  expect(await reach('1.1.1.1', 443)).not.toBe('open');
});

it('takes another certificate without a restart, and answers meanwhile', async () => {
  const started = () => stack.inspect('balancer').then((text) => JSON.parse(text)[0].State.StartedAt);
  const before = await started();
  const seen: Seen = { answered: 0, refused: 0, failed: [] };
  // As `secrets` finds it a year later.
  await exec(
    'secrets',
    'rm /run/secrets-of/balancer/tls.crt && node apps/dev/write-secrets.ts /run/secrets-of',
  );
  const ca = await exec('secrets', 'cat /run/secrets-of/balancer/tls.crt');
  expect(ca).not.toBe(balancer.ca);
  const ask = async (trusted: string, into: Seen) => {
    using client = openBalanced({ ...balancer, ca: trusted }, into);
    return (await client.rag('GET', '/v1/collections')) !== undefined;
  };

  await expect
    .poll(
      async () => {
        await ask(`${balancer.ca}\n${ca}`, seen);
        return ask(ca, { answered: 0, refused: 0, failed: [] });
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(true);
  expect(seen.failed).toEqual([]);
  expect(await started()).toBe(before);
  balancer = { ...balancer, ca };
});

it("each host's Quadlet units are accepted by Podman's generator", async () => {
  for (const [host, services] of Object.entries(HOSTS)) {
    const folder = mkdtempSync(join(tmpdir(), 'units-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const hosts = join(folder, 'hosts.yaml');
    writeFileSync(hosts, JSON.stringify(toAddresses()));
    const args = ['--stack', 'compose/scale.yaml', '--hosts', hosts, '--host', host];
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    execFileSync(process.execPath, ['packages/compose-lint/quadlet.ts', join(folder, 'units'), ...args], {
      cwd,
    });
    const files = readdirSync(join(folder, 'units'));
    const texts = files.flatMap((name) => [name, readFileSync(join(folder, 'units', name), 'utf8')]);
    // In one call: there are some forty.
    const write = 'mkdir "units-$0"; while [ $# -gt 0 ]; do printf %s "$2" >"units-$0/$1"; shift 2; done';
    await machine.run(['sh', '-c', write, host, ...texts]);
    const command = `QUADLET_UNIT_DIRS="$PWD/units-${host}" exec /usr/libexec/podman/quadlet -user -dryrun`;
    const { code, output } = await machine.run(['sh', '-c', command]);
    expect(code, output).toBe(0);
    expect(output.match(/^ExecStart=.*podman run /gm)).toHaveLength(services.length);
    expect(output).not.toMatch(/unsupported|error/i);
  }
});

it('loses nothing and fails nothing when its replicas are restarted one after the other under load', async () => {
  await using load = startLoad(balancer, {
    collection: 'restarted',
    clients: CLIENTS,
    crawlers: CRAWLING,
    site: siteUrl(),
  });
  for (const replica of REPLICAS) {
    const before = await stack.processes(replica);
    await stack.machine.run(['podman', 'restart', '-t', '40', await stack.containerOf(replica)]);
    await healthy(replica);
    await new Promise((resolve) => setTimeout(resolve, NOTICED_MS));
    expect(await stack.processes(replica)).not.toEqual(before);
  }
  await load.stop();
  console.log('rolling restart', {
    ...load.seen,
    documents: load.documents.length,
    crawls: load.crawls.length,
  });
  expect(load.crawls.length).toBeGreaterThan(CRAWLING);
  expect(load.seen.refused).toBe(0);
  await isWhole(load);
});

it('counts the requests of one key for both replicas together', async () => {
  const call = (replica: string) =>
    `await fetch('http://${replica}:8080/v1/collections',{headers:{authorization:'Bearer ${balancer.key}'}}).then(r=>console.log(r.headers.get('ratelimit-remaining')))`;
  const calls = ['rag-a', 'rag-b', 'rag-a', 'rag-b'].map(call).join(';');
  const left = (await exec('rag-a', `node --input-type=module -e "${calls}"`)).split('\n').map(Number);

  expect(left.map((one) => (left[0] ?? 0) - one)).toEqual([0, 1, 2, 3]);
});

it('goes on with its crawls when the master of Valkey is killed', async () => {
  const seen: Seen = { answered: 0, refused: 0, failed: [] };
  using client = openBalanced(balancer, seen);
  const first = await master();
  expect(SERVERS).toContain(first);
  const begun = await Promise.all(
    ['one', 'two'].map((name) =>
      client.crawler<{ id: string }>('POST', '/v1/crawls', {
        url: siteUrl(),
        collection: name,
        render: 'never',
      }),
    ),
  );
  await machine.run(['podman', 'kill', '--signal', 'KILL', await stack.containerOf(first)]);
  await using load = startLoad(balancer, {
    collection: 'failed-over',
    clients: CRAWLING + 2,
    crawlers: CRAWLING,
    site: siteUrl(),
  });

  await expect.poll(master, { timeout: 60_000, interval: 500 }).not.toBe(first);
  const crawls = await Promise.all(begun.map((crawl) => ended(client, crawl?.id ?? '')));
  await load.stop();

  console.log('failover', { ...load.seen, crawls: load.crawls.length });
  expect(seen.failed).toEqual([]);
  for (const crawl of crawls) await isComplete(client, crawl);
  await isWhole(load);
});
