import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startRedis } from '@xnai/testing';
import { publint } from 'publint';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('..', import.meta.url));
const bin = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));

/** What may be imported at run time, by door. */
const doors = {
  '@xnai/resilience': [
    'Breaker',
    'BreakerOpenError',
    'BulkheadError',
    'DEADLINE_HEADER',
    'DeadlineError',
    'ResilienceError',
    'cgroupMemory',
    'connectRedis',
    'connectionFaultOf',
    'createLimiter',
    'createRedisStore',
    'createRegistry',
    'createRetryBudget',
    'deadlineFromHeader',
    'deadlineIn',
    'fastFailing',
    'faultOf',
    'fromJobData',
    'groupFolders',
    'memoryGroups',
    'memoryPressure',
    'openRedisMemory',
    'parseRedisUrl',
    'redisMemory',
    'startTimeLimit',
    'tmpfs',
    'toJobData',
    'withTimeLimit',
  ],
  '@xnai/resilience/testing': ['MemoryBackend', 'createFakeClock', 'storeContract'],
};

const program = `
  import { createRedisStore, createRegistry } from '@xnai/resilience';
  const doors = {};
  for (const door of ${JSON.stringify(Object.keys(doors))}) doors[door] = Object.keys(await import(door)).sort();
  const store = createRedisStore({ url: process.argv[2], commandTimeoutMs: 2_000 });
  const registry = createRegistry({ service: 'packed', store, timing: { startWaitMs: 5_000 } }).define({
    dep: { window: { kind: 'consecutive', failures: 1 } },
  });
  await registry.start();
  const { reached } = await registry.get('dep').isolate({ reason: 'packed' });
  console.log(JSON.stringify({ reached, state: registry.get('dep').state, doors }));
  await registry.close();
`;

const consumer = {
  compilerOptions: { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: ['node'] },
  files: ['use.mts'],
};

const typed = `
  import { createRedisStore, createRegistry } from '@xnai/resilience';
  import { createFakeClock, MemoryBackend } from '@xnai/resilience/testing';
  const registry = createRegistry({ service: 'typed', store: createRedisStore() }).define({ dep: { openMs: 5 } });
  export const answer: Promise<number | 'none'> = registry.get('dep').execute(() => 5, { fallback: () => 'none' as const });
  export const world = new MemoryBackend({ clock: createFakeClock() });
  // @ts-expect-error: not a name of this registry
  registry.get('other');
`;

test('the packed package is in order, and works where only its dependencies are', async () => {
  const place = await mkdtemp(join(tmpdir(), 'resilience-packed-'));
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  await run('pnpm', ['pack', '--pack-destination', place], { cwd: folder, env });
  const [tarball = ''] = await readdir(place);
  const { buffer } = new Uint8Array(await readFile(join(place, tarball)));

  const { messages } = await publint({ pack: { tarball: buffer } });
  expect(messages).toEqual([]);

  await run('tar', ['xzf', tarball], { cwd: place });
  const modules = join(place, 'node_modules');
  await mkdir(join(modules, '@xnai'), { recursive: true });
  await symlink(join(place, 'package'), join(modules, '@xnai/resilience'));
  for (const name of ['cockatiel', 'ioredis', 'zod']) {
    await symlink(await realpath(join(folder, 'node_modules', name)), join(modules, name));
  }
  const shipped = await readdir(join(place, 'package'), { recursive: true });
  expect(shipped.filter((file) => /\.test\.|^src|replica-child/.test(file))).toEqual([]);

  await using server = await startRedis();
  await writeFile(join(place, 'use.mjs'), program);
  const { stdout } = await run(process.execPath, [join(place, 'use.mjs'), server.url], { cwd: place });
  expect(JSON.parse(stdout)).toEqual({
    reached: 'fleet',
    state: 'isolated',
    doors,
  });

  // The types travel with the package: names that were not defined do not compile.
  await symlink(await realpath(join(folder, 'node_modules/@types')), join(modules, '@types'));
  await writeFile(join(place, 'tsconfig.json'), JSON.stringify(consumer));
  await writeFile(join(place, 'use.mts'), typed);
  await run('tsc', ['-p', place], { env });
  await rm(place, { recursive: true });
}, 60_000);
