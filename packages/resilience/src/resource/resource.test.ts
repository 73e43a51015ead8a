import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountTmpfs } from '@xnai/testing';
import { expect, test } from 'vitest';
import { createRegistry, type ResourceSource } from '../index.ts';
import { createFakeClock } from '../testing/index.ts';
import { cgroupMemory, memoryPressure, redisMemory, tmpfs } from './sources.ts';

const resourceOf = (...sources: readonly ResourceSource[]) => {
  const clock = createFakeClock();
  const registry = createRegistry({ service: 's', clock });
  return { clock, registry, resource: registry.resource('memory', { sources }) };
};
const fake = (name: string, value: { used: number | undefined }): ResourceSource => ({
  name,
  read: async () =>
    value.used === undefined ? undefined : { used: value.used, detail: `${value.used * 100} %` },
});

test('background work is shed at 80 %, heavy work refused at 90 %, with the figure and when to come again', async () => {
  const value = { used: 0.5 as number | undefined };
  const { resource } = resourceOf(fake('x', value));
  const levels: unknown[] = [];
  for (value.used of [0.5, 0.79, 0.8, 0.85, 0.9]) {
    await resource.sample();
    levels.push([resource.level, resource.budget]);
  }
  expect(levels).toEqual([
    ['ok', 1],
    ['ok', 1],
    ['shed', 0.5],
    ['shed', 0.5],
    ['refuse', 0.25],
  ]);
  expect(() => resource.admit('heavy')).toThrow(/memory is nearly used up: x 90 %/);
  expect(resource.check()).toEqual({ status: 'degraded', detail: 'x 90 %' });
  try {
    resource.admit('background');
  } catch (error) {
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: 10_000 });
  }
});

test('it clears at 75 % held for ten seconds, and not before', async () => {
  const value = { used: 0.95 as number | undefined };
  const { clock, resource } = resourceOf(fake('x', value));
  await resource.sample();
  for (const [used, ms, level] of [
    [0.78, 20_000, 'refuse'],
    [0.75, 9_000, 'refuse'],
    [0.76, 500, 'refuse'],
    [0.7, 0, 'refuse'],
    [0.7, 9_999, 'refuse'],
    [0.7, 1, 'ok'],
  ] as const) {
    value.used = used;
    await clock.advance(ms);
    await resource.sample();
    expect([used, resource.level]).toEqual([used, level]);
  }
});

test('a source that says nothing is unknown, not healthy, and a failed reading clears nothing', async () => {
  const value = { used: undefined as number | undefined };
  const { clock, resource } = resourceOf(fake('x', value));
  await resource.sample();
  expect([resource.level, resource.check().status]).toEqual(['unknown', 'absent']);
  value.used = 0.95;
  await resource.sample();
  value.used = undefined;
  await resource.sample();
  expect(resource.level).toBe('refuse');
  await clock.advance(10_000);
  await resource.sample();
  expect(resource.level).toBe('unknown');
});

test('once started it samples by itself, until closed', async () => {
  const value = { used: 0.1 as number | undefined };
  const { clock, registry, resource } = resourceOf(fake('x', value));
  await registry.start();
  value.used = 0.99;
  await clock.advance(1_000);
  expect(resource.level).toBe('refuse');
  expect(registry.checks()['memory']?.status).toBe('degraded');
  await registry.close();
  value.used = 0.1;
  await clock.advance(60_000);
  expect(resource.level).toBe('refuse');
});

test('memory of a control group, either version, is read up the tree', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cgroup-'));
  const groups = join(root, 'sys/fs/cgroup');
  for (const folder of ['app', 'memory/old']) await mkdir(join(groups, folder), { recursive: true });
  await mkdir(join(root, 'proc/self'), { recursive: true });
  await writeFile(join(root, 'proc/self/cgroup'), '5:memory:/old\n0::/app\n');
  const put = (path: string, text: string) => writeFile(join(groups, path), text);
  const read = () => cgroupMemory(root).read();
  expect(await read()).toBeUndefined();
  await put('app/memory.current', '900');
  await put('app/memory.max', 'max');
  expect(await read()).toBeUndefined();
  await put('app/memory.max', '1000');
  await put('app/memory.stat', 'anon 1\ninactive_file 100\n');
  expect((await read())?.used).toBe(0.8);
  await put('memory/old/memory.usage_in_bytes', '950');
  await put('memory/old/memory.limit_in_bytes', '1000');
  expect((await read())?.used).toBe(0.95);
  await rm(root, { recursive: true });
});

test('pressure and Redis say nothing where there is nothing to say', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pressure-'));
  const path = join(folder, 'memory');
  expect(await memoryPressure({ paths: [path] }).read()).toBeUndefined();
  await writeFile(path, 'some avg10=40.00 avg60=1.00 avg300=0.00 total=1\nfull avg10=0.00\n');
  expect((await memoryPressure({ paths: [path] }).read())?.used).toBe(0.8);
  expect(await redisMemory(async () => 'used_memory:90\r\nmaxmemory:0\r\n').read()).toBeUndefined();
  expect((await redisMemory(async () => 'used_memory:90\r\nmaxmemory:100\r\n').read())?.used).toBe(0.9);
  await rm(folder, { recursive: true });
});

test('what is no tmpfs is nothing to the source for tmpfs', async () => {
  expect(await tmpfs('/proc').read()).toBeUndefined();
  await expect(tmpfs('/nonexistent').read()).rejects.toThrow(/ENOENT/);
});

test('a real tmpfs that fills up sheds, then refuses, and clears when emptied', async (context) => {
  using disk = mountTmpfs(context, 'size=4m');
  const { clock, resource } = resourceOf(tmpfs(disk.path));
  const fill = async (share: number) => {
    await writeFile(join(disk.path, 'fill'), Buffer.alloc(Math.ceil(share * 4 * 1_048_576)));
    await resource.sample();
    return resource.level;
  };
  expect([await fill(0.5), await fill(0.82), await fill(0.95)]).toEqual(['ok', 'shed', 'refuse']);
  expect(() => resource.admit('heavy')).toThrow(/tmpfs .* 95\.\d % of 4 MiB/);
  await truncate(join(disk.path, 'fill'), 0);
  await resource.sample();
  expect(resource.level).toBe('refuse');
  await clock.advance(10_000);
  await resource.sample();
  expect(resource.level).toBe('ok');
});
