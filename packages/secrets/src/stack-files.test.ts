import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createStackFiles } from './stack-files.ts';
import { writeSecretFiles } from './write-secret-files.ts';

const address = { host: 'redis', port: 6379 };

it('gives each service its own logins and nobody the others', () => {
  const files = createStackFiles({ address, seed: 'seed' });
  expect(files.map(({ path }) => path)).toEqual([
    'redis/users.acl',
    'rag/redis-url',
    'rag/redis-breaker-url',
    'crawler/redis-url',
    'crawler/redis-breaker-url',
    'monitor/redis-url',
  ]);
  expect(files.find(({ path }) => path === 'rag/redis-url')?.content).toMatch(
    /^redis:\/\/rag-cache:[\w-]{43}@redis:6379\n$/,
  );
});

it('comes to the same files from the same seed, so that parts made apart fit together', () => {
  expect(createStackFiles({ address, seed: 'seed' })).toEqual(createStackFiles({ address, seed: 'seed' }));
  expect(createStackFiles({ address })).not.toEqual(createStackFiles({ address }));
});

it('writes files that only their owner can read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-secrets-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = createStackFiles({ address });
  await writeSecretFiles(folder, files);
  for (const { path, content } of files) {
    expect(await readFile(join(folder, path), 'utf8')).toBe(content);
    expect((await stat(join(folder, path))).mode & 0o777).toBe(0o600);
  }
  expect((await stat(join(folder, 'rag'))).mode & 0o777).toBe(0o700);
});
