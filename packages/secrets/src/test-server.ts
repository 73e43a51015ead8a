import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { renderAclFile } from './acl-file.ts';
import { createPasswords } from './passwords.ts';
import { renderRedisConfig } from './redis-config.ts';
import { redisUrl } from './redis-url.ts';
import type { RedisUserName } from './redis-users.ts';
import { knowsClientSetinfo, parseServerVersion } from './server-version.ts';
import { writeSecretFiles } from './write-secret-files.ts';

export interface TestServer extends AsyncDisposable {
  readonly socketPath: string;
  connect(user: RedisUserName): Redis;
}

/** The server of this machine, with the generated aclfile and configuration. */
export async function startTestServer(): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), 'xnai-acl-'));
  const socketPath = join(dir, 'redis.sock');
  const passwords = createPasswords();
  const version = parseServerVersion(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }));
  const allowClientSetinfo = version !== undefined && knowsClientSetinfo(version);
  await writeSecretFiles(dir, [
    { path: 'users.acl', content: renderAclFile({ passwords, allowClientSetinfo }) },
    {
      path: 'redis.conf',
      content: renderRedisConfig({
        aclFile: join(dir, 'users.acl'),
        listen: { socketPath },
        maxMemory: '64mb',
        dir,
      }),
    },
  ]);
  const server = spawn('redis-server', [join(dir, 'redis.conf')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(server, 'exit');
  const clients: Redis[] = [];
  await waitForReady(server.stdout);

  return {
    socketPath,
    connect(user) {
      const url = redisUrl(user, passwords.of(user), { socketPath });
      const client = new Redis(url, { maxRetriesPerRequest: 0, enableReadyCheck: false });
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.disconnect();
      server.kill('SIGTERM');
      await exited;
      await rm(dir, { recursive: true });
    },
  };
}

async function waitForReady(stdout: AsyncIterable<Buffer>): Promise<void> {
  let said = '';
  for await (const data of stdout) {
    said += data.toString();
    if (said.includes('ready to accept connections')) return;
  }
  throw new Error(`redis-server did not start:\n${said}`);
}
