import { afterAll, beforeAll, expect, it } from 'vitest';
import { createComposeStack } from './support/compose-stack.ts';
import { privileges, storageMounts } from './support/inside.ts';
import { type Machine, openMachine } from './support/machine.ts';

/** Without Grafana, whose image cannot be made here. */
const WATCHING = ['prometheus', 'alertmanager', 'redis-exporter', 'node-exporter'];
const ALL = ['secrets', 'redis', 'rag', 'crawler', ...WATCHING];

let machine: Machine;

beforeAll(async () => {
  machine = await openMachine(1001);
  const built = await createComposeStack(machine).compose(['build'], 900_000);
  expect(built.code, built.output.slice(-3000)).toBe(0);
});
afterAll(() => machine?.[Symbol.asyncDispose]());

it('the overlay scrapes the stack, judges it by its rules, and is walled in as the stack is', async () => {
  await using stack = createComposeStack(machine, { overlays: ['compose/monitoring.yaml'] });
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
});
