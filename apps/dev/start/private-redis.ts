import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createStackFiles, knowsClientSetinfo, renderRedisConfig, writeSecretFiles } from '@xnai/secrets';
import type { RedisServer } from './redis-server.ts';
import { StartError } from './start-error.ts';
import type { ChildSpec } from './supervise.ts';

export interface PrivateRedis {
  readonly spec: ChildSpec;
  /** Files with the logins of a service, as environment variables for it. */
  loginsOf(service: 'rag' | 'crawler'): Readonly<Record<string, string>>;
  /** @throws StartError with the end of the server's log */
  waitUntilReady(signal: AbortSignal): Promise<void>;
}

const POLL_MS = 20;
const START_MS = 10_000;
const LOG_LINES = 5;

// The server replaces this shell. What stays behind reads a pipe whose other end is ours: when we are gone, however
// we went, the pipe ends and so does the server.
const WITH_PARENT = 'exec 3<&0; (read -r _ <&3 || kill -TERM $$) & exec "$@" 3<&-';

/** Writes what a Redis of this stack's own needs (users, logins, configuration) into `folder`, which must be private. */
export async function createPrivateRedis(
  folder: string,
  server: RedisServer,
  seed: string | undefined,
): Promise<PrivateRedis> {
  const socketPath = join(folder, 'redis.sock');
  const logFile = join(folder, 'redis.log');
  const configFile = join(folder, 'redis/redis.conf');
  const config = renderRedisConfig({
    aclFile: join(folder, 'redis/users.acl'),
    listen: { socketPath },
    maxMemory: '256mb',
    dir: folder,
    logFile,
  });
  const allowClientSetinfo = knowsClientSetinfo(server.version);
  await writeSecretFiles(folder, [
    ...createStackFiles({ address: { socketPath }, seed, allowClientSetinfo }),
    { path: 'redis/redis.conf', content: config },
  ]);
  return {
    spec: {
      name: 'redis',
      command: 'sh',
      args: ['-c', WITH_PARENT, 'sh', server.command, configFile],
      options: { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] },
    },
    loginsOf: (service) => ({
      REDIS_URL_FILE: join(folder, service, 'redis-url'),
      REDIS_BREAKER_URL_FILE: join(folder, service, 'redis-breaker-url'),
    }),
    waitUntilReady: (signal) => waitForAnswer(socketPath, logFile, signal),
  };
}

async function waitForAnswer(socketPath: string, logFile: string, signal: AbortSignal): Promise<void> {
  const giveUpAt = Date.now() + START_MS;
  while (Date.now() < giveUpAt && !signal.aborted) {
    if (await answers(socketPath)) return;
    await sleep(POLL_MS);
  }
  if (signal.aborted) return;
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const end = log.trim().split('\n').slice(-LOG_LINES).join('\n  ');
  throw new StartError(`the private Redis did not start:\n  ${end}`);
}

/** A server that loads nothing is ready when it answers, be it that a login is needed. */
async function answers(socketPath: string): Promise<boolean> {
  const socket = createConnection(socketPath);
  try {
    socket.write('PING\r\n');
    await once(socket, 'data');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
