import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { expect, test } from 'vitest';
import { startRedis } from '../src/testing/index.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('..', import.meta.url));
const bin = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));

const program = `
  import { createRedisStore, createRegistry } from '@xnai/resilience';
  import { breakerRoutes } from '@xnai/resilience/fastify';
  import { storeContract } from '@xnai/resilience/testing';
  const store = createRedisStore({ path: process.argv[2], commandTimeoutMs: 2_000 });
  const registry = createRegistry({ service: 'packed', store, timing: { startWaitMs: 5_000 } }).define({
    dep: { window: { kind: 'consecutive', failures: 1 } },
  });
  await registry.start();
  const { reached } = await registry.get('dep').isolate({ reason: 'packed' });
  console.log(JSON.stringify({ reached, state: registry.get('dep').state, cases: storeContract.length > 10, routes: typeof breakerRoutes }));
  await registry.close();
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
  for (const name of ['cockatiel', 'ioredis']) {
    await symlink(await realpath(join(folder, 'node_modules', name)), join(modules, name));
  }
  const shipped = await readdir(join(place, 'package'), { recursive: true });
  expect(shipped.filter((file) => /\.test\.|^src|replica-child/.test(file))).toEqual([]);

  await using server = await startRedis();
  await writeFile(join(place, 'use.mjs'), program);
  const { stdout } = await run(process.execPath, [join(place, 'use.mjs'), server.path], { cwd: place });
  expect(JSON.parse(stdout)).toEqual({
    reached: 'fleet',
    state: 'isolated',
    cases: true,
    routes: 'function',
  });
  await rm(place, { recursive: true });
}, 60_000);
