import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
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
import { makeFolder } from '@xnai/service/make-folder';
import { explainRedisEnd, waitForRedis } from './redis-answers.ts';
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
  /** Where the data are kept; made when it is not there. */
  readonly keepFolder: string;
  /** The source of all passwords. Without it they are random. */
  readonly seed: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * The shell replaces itself by the server. A background process reads a pipe from the starter: the pipe ends with the
 * starter, even after kill -9, and the background process then stops the server.
 */
const STOP_WITH_PARENT = 'exec 3<&0; (read -r _ <&3 || kill -TERM $$) & exec "$@" 3<&-';

/**
 * A Redis for this stack alone, on a socket in `folder`, which keeps its data in an append-only file. Writes its users, its
 * configuration and the services' logins.
 */
export async function createPrivateRedis(
  { command, version }: RedisServer,
  { folder, keepFolder, seed, signal }: PrivateRedisOptions,
): Promise<StackPart> {
  const socketPath = join(folder, 'redis.sock');
  const logFile = join(folder, 'redis.log');
  const config = renderRedisConfig({
    aclFile: join(folder, 'redis/users.acl'),
    listen: { socketPath },
    maxMemory: '256mb',
    dir: keepFolder,
    keepsData: true,
    logFile,
  });
  await makeKeepFolder(keepFolder);
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
    waitUntilReady: () => waitForRedis({ socketPath, loginFile: join(folder, 'monitor/redis-url'), signal }),
    explainEnd: () => explainRedisEnd(logFile, keepFolder, command),
  };
}

/** It may hold pages that wait for rag. */
async function makeKeepFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await chmod(folder, 0o700);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new StartError(`the folder ${folder}, which keeps the crawls, cannot be used: ${why}`, { cause });
  }
}

/** Environment variables that name the files with a service's logins. */
export function redisLogins(folder: string, service: ServiceName): Readonly<Record<string, string>> {
  return {
    REDIS_URL_FILE: join(folder, service, 'redis-url'),
    REDIS_BREAKER_URL_FILE: join(folder, service, 'redis-breaker-url'),
  };
}
