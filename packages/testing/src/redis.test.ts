import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { isAlive } from './processes.ts';
import { startRedis } from './redis.ts';

it('starts two servers side by side that share nothing', async () => {
  const [one, two] = await Promise.all([startRedis(), startRedis()]);
  await using _one = one;
  await using _two = two;
  await one.client.set('key', 'of one');
  expect(await two.client.get('key')).toBeNull();
  expect(await two.client.info('server')).toContain('tcp_port:0');
});

it('leaves no process and no file behind, whatever was done to it', async () => {
  for (const misuse of ['pause', 'kill', 'stop', 'resume'] as const) {
    const redis = await startRedis({ keepsData: true });
    const { pid, path } = redis;
    await redis.client.set('key', 'value');
    expect(isAlive(pid)).toBe(true);
    await redis[misuse]();
    await redis[Symbol.asyncDispose]();
    expect([isAlive(pid), existsSync(dirname(path))]).toEqual([false, false]);
  }
});

it('loses its data when it is killed, unless it keeps it', async () => {
  await using forgetful = await startRedis();
  await using lasting = await startRedis({ keepsData: true });
  for (const redis of [forgetful, lasting]) {
    await redis.client.set('key', 'value');
    const before = redis.pid;
    await redis.kill();
    expect(isAlive(before)).toBe(false);
    await redis.start();
    expect(redis.pid).not.toBe(before);
  }
  expect(await forgetful.client.get('key')).toBeNull();
  expect(await lasting.client.get('key')).toBe('value');
});

it('refuses to start a second process on the same folder', async () => {
  await using redis = await startRedis();
  await expect(redis.start()).rejects.toThrow('running already');
  expect(await redis.client.ping()).toBe('PONG');
});

it('does not answer while it is paused, and answers afterwards', async () => {
  await using redis = await startRedis();
  await redis.client.ping();
  redis.pause();
  const impatient = redis.connect({ commandTimeout: 50, enableReadyCheck: false });
  await expect(impatient.ping()).rejects.toThrow('timed out');
  redis.resume();
  expect(await redis.client.ping()).toBe('PONG');
});

it('knows the users of its ACL file', async () => {
  await using redis = await startRedis({ acl: 'user default off\nuser ann on >secret ~a:* &* +@all\n' });
  const ann = redis.connect({ username: 'ann', password: 'secret' });
  expect(await ann.set('a:1', 'x')).toBe('OK');
  await expect(ann.set('b:1', 'x')).rejects.toThrow('NOPERM');
});

it('runs with the configuration file that it is given, and with nothing else', async () => {
  await using redis = await startRedis({
    config: ({ folder, path }) => `port 0\nunixsocket ${path}\ndir ${folder}\nmaxmemory 7mb\n`,
  });
  expect(await redis.client.config('GET', 'maxmemory')).toEqual(['maxmemory', '7340032']);
});

it('restarts with other arguments', async () => {
  await using redis = await startRedis({ args: ['--maxmemory', '1mb'] });
  await redis.restart({ args: ['--maxmemory', '2mb'] });
  expect(await redis.client.config('GET', 'maxmemory')).toEqual(['maxmemory', '2097152']);
});

it('says why a server does not start, and removes its folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-testing-'));
  vi.stubEnv('TMPDIR', folder);
  await expect(startRedis({ args: ['--no-such-option', '1'] })).rejects.toThrow(
    /did not start:.*no-such-option/s,
  );
  vi.unstubAllEnvs();
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});
