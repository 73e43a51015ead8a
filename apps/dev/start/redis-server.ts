import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseServerVersion, type ServerVersion } from '@xnai/secrets';

export interface RedisServer {
  readonly command: string;
  readonly version: ServerVersion;
}

const COMMANDS = ['valkey-server', 'redis-server'];
// Users with selectors and `%R~` keys came with 7.0.
const OLDEST_MAJOR = 7;

/** The Redis-compatible server of this machine, or why there is none. */
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
