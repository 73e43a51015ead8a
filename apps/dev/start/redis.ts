import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createStackFiles,
  knowsClientSetinfo,
  parseServerVersion,
  renderRedisConfig,
  type ServerVersion,
  writeSecretFiles,
} from '@xnai/secrets';
import { spawnChild } from '@xnai/service/child';
import { pollUntil } from './poll-until.ts';
import type { ServiceName } from './service-process.ts';
import { StartError } from './start-error.ts';
import type { StackPart } from './supervisor.ts';

export interface RedisServer {
  readonly command: string;
  readonly version: ServerVersion;
}

const COMMANDS = ['valkey-server', 'redis-server'];
/** The first version that has users with selectors and `%R~` key patterns. */
const OLDEST_MAJOR = 7;

/** The Redis-compatible server of this machine, or the reason why none can be used. */
export async function findRedisServer(): Promise<RedisServer | { readonly missing: string }> {
  let missing = 'neither valkey-server nor redis-server is installed';
  for (const command of COMMANDS) {
    const version = await versionOf(command);
    if (version === undefined) continue;
    if (version.major >= OLDEST_MAJOR) return { command, version };
    missing = `${command} ${version.major}.${version.minor} is too old, ${OLDEST_MAJOR}.0 or newer is needed`;
  }
  return { missing };
}

async function versionOf(command: string): Promise<ServerVersion | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version']);
    return parseServerVersion(stdout);
  } catch {
    return undefined;
  }
}

export interface PrivateRedisOptions {
  /** For sockets and secrets; readable by its owner only. */
  readonly folder: string;
  /** The source of all passwords. Without it they are random. */
  readonly seed: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * The shell replaces itself by the server. A background process reads a pipe from the starter: the pipe ends with the
 * starter, even after kill -9, and the background process then stops the server.
 */
const STOP_WITH_PARENT = 'exec 3<&0; (read -r _ <&3 || kill -TERM $$) & exec "$@" 3<&-';

/** A Redis for this stack alone, on a socket in `folder`. Writes its users, its configuration and the services' logins. */
export async function createPrivateRedis(
  { command, version }: RedisServer,
  { folder, seed, signal }: PrivateRedisOptions,
): Promise<StackPart> {
  const socketPath = join(folder, 'redis.sock');
  const logFile = join(folder, 'redis.log');
  const config = renderRedisConfig({
    aclFile: join(folder, 'redis/users.acl'),
    listen: { socketPath },
    maxMemory: '256mb',
    dir: folder,
    logFile,
  });
  const allowClientSetinfo = knowsClientSetinfo(version);
  await writeSecretFiles(folder, [
    ...createStackFiles({ address: { socketPath }, seed, allowClientSetinfo }),
    { path: 'redis/redis.conf', content: config },
  ]);
  const args = ['-c', STOP_WITH_PARENT, 'sh', command, join(folder, 'redis/redis.conf')];
  return {
    name: 'redis',
    start: (graceMs) =>
      spawnChild('sh', {
        args,
        cwd: folder,
        env: { PATH: process.env['PATH'] },
        stdio: ['pipe', 'ignore', 'ignore'],
        graceMs,
      }),
    waitUntilReady: () => waitForAnswer(socketPath, logFile, signal),
  };
}

/** Environment variables that name the files with a service's logins. */
export function redisLogins(folder: string, service: ServiceName): Readonly<Record<string, string>> {
  return {
    REDIS_URL_FILE: join(folder, service, 'redis-url'),
    REDIS_BREAKER_URL_FILE: join(folder, service, 'redis-breaker-url'),
  };
}

const START_MS = 10_000;
const LOG_LINES = 5;

async function waitForAnswer(socketPath: string, logFile: string, signal: AbortSignal): Promise<void> {
  if ((await pollUntil(() => answers(socketPath), { timeoutMs: START_MS, signal })) || signal.aborted) return;
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const end = log.trim().split('\n').slice(-LOG_LINES).join('\n  ');
  throw new StartError(`the private Redis did not start:\n  ${end}`);
}

/** The server has no data to load. Any answer, even "authentication required", means that it is ready. */
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
