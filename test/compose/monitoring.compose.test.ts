import { article, readSpans, startSite } from '@xnai/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBuiltMachine } from './support/built-machine.ts';
import { type ComposeStack, createComposeStack } from './support/compose-stack.ts';
import { privileges, storageMounts } from './support/inside.ts';
import type { Machine } from './support/machine.ts';

/** Without Grafana, whose image cannot be made here; Jaeger's neither, in whose place is a collector. */
const WATCHING = ['prometheus', 'alertmanager', 'redis-exporter', 'node-exporter'];
const ALL = ['secrets', 'redis', 'rag', 'crawler', 'jaeger', ...WATCHING];
const OVERLAYS = ['compose/monitoring.yaml', 'compose/traces.yaml', 'test/compose/collector.yaml'];
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

let machine: Machine;

beforeAll(async () => {
  machine = await openBuiltMachine();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

it('the overlays watch the stack and trace its requests, walled in and backed off as the stack is', async () => {
  await using site = await startSite(
    { '/': article('The larder', [], 'The cheese is on the third shelf.') },
    {
      host: '0.0.0.0',
    },
  );
  const origin = `http://host.containers.internal:${site.port}`;
  await using stack = createComposeStack(machine, { overlays: OVERLAYS, env: { ALLOWED_ORIGINS: origin } });
  const up = await stack.up(...ALL);
  expect(up.code, up.output.slice(-3000)).toBe(0);
  await stack.healthy();

  const api = 'http://127.0.0.1:9090/api/v1';
  const ask = async (path: string) => {
    const { output } = await stack.exec('prometheus', ['wget', '-q', '-O', '-', `${api}/${path}`]);
    return output;
  };
  const query = (expr: string) => ask(`query?query=${encodeURIComponent(expr)}`);
  await expect.poll(() => query('count(up == 1)'), { timeout: 120_000, interval: 1000 }).toContain('"6"]');
  for (const expr of [
    'resilience_resource_used_ratio{job="rag", source="tmpfs /app/data/index"}',
    'redis_memory_max_bytes == 256 * 1024 * 1024',
    'node_memory_MemAvailable_bytes',
    'node_filesystem_avail_bytes{mountpoint="/var/lib/xnai-metrics"}',
  ])
    await expect.poll(() => query(expr), { timeout: 60_000, interval: 1000 }).toContain('"metric"');
  expect((await ask('rules?type=alert')).match(/"type":"alerting"/g)?.length).toBeGreaterThan(20);

  for (const service of WATCHING) {
    await expect.poll(() => stack.healthCheck(service), { timeout: 60_000 }).toBe(0);
    expect(await privileges(stack, service)).toMatchObject({
      uid: '1001',
      capabilities: Array(3).fill('0000000000000000'),
      noNewPrivileges: '1',
    });
    const unlimited = (await storageMounts(stack, service)).filter(
      ({ type, size }) => type === 'tmpfs' && size === undefined,
    );
    expect(unlimited).toEqual([]);
  }

  await crawlTraced(stack, `${origin}/`);
  // Each process sends its spans when it comes to it.
  await expect
    .poll(() => trace(stack), { timeout: 60_000, interval: 1000 })
    .toEqual(
      expect.arrayContaining([
        'crawler POST /v1/crawls > crawler send crawls',
        'crawler send crawls > crawler process crawls',
        'crawler process crawls > crawler page',
        'crawler deliver > crawler PUT',
        'crawler PUT > rag PUT /v1/collections/:collection/documents/:id',
      ]),
    );
  const reach = (url: string) =>
    stack.exec('jaeger', ['node', '-e', `fetch('${url}').then(() => console.log('reached'), () => {})`]);
  expect((await reach('http://rag:8080/livez')).output).toContain('reached');
  expect((await reach(`${origin}/`)).output).not.toContain('reached');

  for (let nth = 0; nth < 2; nth += 1) {
    const before = await stack.processes('alertmanager');
    await stack.killProcess(before.at(-1) ?? '');
    const after = async () => (await stack.processes('alertmanager').catch(() => before)).at(-1);
    await expect.poll(after, { timeout: 20_000 }).not.toBe(before.at(-1));
  }
  await expect.poll(() => stack.logs('alertmanager'), { timeout: 20_000 }).toContain('next start in 1 s');
});

/** Crawls one page, as the caller's trace. */
async function crawlTraced(stack: ComposeStack, url: string): Promise<void> {
  const api = await stack.api();
  const submitted = await fetch(`http://127.0.0.1:${stack.variables.CRAWL_PUBLISH}/v1/crawls`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${(await stack.exec('rag', ['cat', '/run/xnai/first-key'])).output.trim()}`,
      'content-type': 'application/json',
      traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify({ url, limit: 1, render: 'never' }),
  });
  const { id } = (await submitted.json()) as { id: string };
  expect(await api.endedCrawl(id)).toMatchObject({ counters: { indexed: 1 } });
}

/** Each span of the trace behind its parent. */
async function trace(stack: ComposeStack): Promise<readonly string[]> {
  const { output } = await stack.exec('jaeger', ['cat', '/tmp/traces.jsonl']);
  const sent = output.trim().split('\n').filter(Boolean);
  const all = sent.flatMap((line) => readSpans(JSON.parse(line))).filter(({ traceId }) => traceId === TRACE);
  return all.map(({ service, name, parentSpanId }) => {
    const parent = all.find(({ spanId }) => spanId === parentSpanId);
    return `${parent?.service} ${parent?.name} > ${service} ${name}`;
  });
}
