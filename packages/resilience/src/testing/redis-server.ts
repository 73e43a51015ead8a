import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** A Redis of one's own, on a unix socket in a folder of its own, that can be treated badly. */
export interface RedisServer extends AsyncDisposable {
  readonly path: string;
  readonly port: number;
  /** A client with patience, for looking and for meddling. */
  readonly client: Redis;
  /** SIGKILL: nothing is saved. */
  kill(): Promise<void>;
  /** Starts it again: empty, unless it has saved. Resolves when it has said `until`. */
  restart(args?: readonly string[], until?: string): Promise<void>;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** @param args more arguments for `redis-server`, which is taken from PATH. */
export const startRedis = async (args: readonly string[] = []): Promise<RedisServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'resilience-redis-'));
  const path = join(folder, 'redis.sock');
  let running = await launch(folder, path, args);
  const client = new Redis({ path, maxRetriesPerRequest: null, retryStrategy: () => 20, lazyConnect: true });
  client.on('error', () => {});
  const end = async () => {
    running.process.kill('SIGKILL');
    if (running.process.exitCode === null && running.process.signalCode === null)
      await once(running.process, 'exit');
  };
  const server: RedisServer = {
    path,
    get port() {
      return running.port;
    },
    client,
    kill: end,
    async restart(again = args, until = readyText) {
      await end();
      running = await launch(folder, path, again, until);
    },
    pause: () => void running.process.kill('SIGSTOP'),
    resume: () => void running.process.kill('SIGCONT'),
    async stop() {
      client.disconnect();
      await end();
      await rm(folder, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
  return server;
};

const launch = async (
  folder: string,
  path: string,
  args: readonly string[],
  until = readyText,
): Promise<{ readonly process: ChildProcess; readonly port: number }> => {
  await rm(path, { force: true });
  // Ports are drawn, not asked for: Redis cannot listen on port 0. A taken one ends the process, and another is drawn.
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 30_000);
    const options = [
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--unixsocket',
      path,
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const child = spawn('redis-server', [...options.map(String), ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (await says(child, until)) return { process: child, port };
  }
  throw new Error('redis-server did not start');
};

const readyText = 'Ready to accept connections';

const says = (child: ChildProcess, text: string): Promise<boolean> =>
  new Promise((resolve) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-4_000);
      if (said.includes(text)) resolve(true);
    });
    child.once('exit', () => resolve(false));
    child.once('error', () => resolve(false));
  });
