import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** A redis-server of its own on a unix socket, for tests. Its data is in memory only, unless `isKept`. */
export interface PrivateRedis extends AsyncDisposable {
  readonly url: string;
  readonly socket: string;
  start(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Ends it in order, with its data written when `isKept`. */
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
  client(): Redis;
}

export interface PrivateRedisOptions {
  readonly isKept?: boolean;
  /** An ACL file; the URL with its login is then the caller's to make. */
  readonly acl?: string;
}

export async function startPrivateRedis(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-redis-'));
  const socket = join(folder, 'redis.sock');
  const args = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--dir',
    folder,
    '--save',
    '',
    '--loglevel',
    'warning',
  ];
  if (options.isKept === true) args.push('--appendonly', 'yes', '--appendfsync', 'always');
  if (options.acl !== undefined) {
    writeFileSync(join(folder, 'users.acl'), options.acl);
    args.push('--aclfile', join(folder, 'users.acl'));
  }
  const clients: Redis[] = [];
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    server = spawn('redis-server', args, { stdio: 'ignore' });
    await waitForSocket(socket);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  await start();
  return {
    url: `unix://${socket}`,
    socket,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    client() {
      const client = new Redis({ path: socket, replyMapping: 'legacy' });
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.disconnect();
      server?.kill('SIGCONT');
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function waitForSocket(path: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await answers(path)) return;
    await delay(10);
  }
  throw new Error('redis-server did not start');
}

/** Whatever it answers: a user may have to log in, or the data be loaded. */
async function answers(path: string): Promise<boolean> {
  const socket = createConnection(path);
  try {
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return !reply.toString().startsWith('-LOADING');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
