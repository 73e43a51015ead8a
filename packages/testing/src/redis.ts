import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';

/**
 * A redis-server that belongs to one test. It listens on a unix socket in a folder of its own and on no port, so that
 * servers that run side by side cannot take each other's address.
 */
export interface TestRedis extends AsyncDisposable {
  /** Path of the unix socket. */
  readonly path: string;
  /** The same as a URL, without a login: `unix:///…/redis.sock`. */
  readonly url: string;
  readonly pid: number;
  /** Connected as the default user at its first command. It waits for a server that is down. */
  readonly client: Redis;
  /** A further client, which is disconnected together with the server. */
  connect(options?: ClientOptions): Redis;
  /** Ends the server with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Ends the server with SIGTERM: it writes its data first when `keepsData` is set. */
  stop(): Promise<void>;
  /** Starts the server again after `kill` or `stop`. Its data is gone unless `keepsData` is set. */
  start(options?: RestartOptions): Promise<void>;
  /** `kill`, then `start`. */
  restart(options?: RestartOptions): Promise<void>;
  /** Stops the process with SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  /** Continues a paused process. */
  resume(): void;
}

export interface TestRedisOptions {
  /** Further arguments of redis-server. */
  readonly args?: readonly string[];
  /** Content of an ACL file. */
  readonly acl?: string;
  /** The whole configuration file, for tests of a configuration; replaces all arguments. It must name `path`. */
  readonly config?: (files: RedisFiles) => string;
  /** Every write is on disk before it is answered. */
  readonly keepsData?: boolean;
  /** Default: the one that XNAI_TEST_REDIS names, or redis-server. */
  readonly program?: 'redis-server' | 'valkey-server';
  /** Starts a sentinel, which needs a `config`. */
  readonly isSentinel?: boolean;
}

export interface RedisFiles {
  readonly folder: string;
  readonly path: string;
  readonly aclFile: string;
}

export interface RestartOptions {
  /** In place of the arguments given before. */
  readonly args?: readonly string[];
  /** Resolves as soon as the log contains this text. Default: when connections are accepted. */
  readonly readyText?: string;
}

// biome-ignore lint/style/noProcessEnv: by which all tests of a run are done against Valkey
const DEFAULT_PROGRAM = process.env['XNAI_TEST_REDIS'] ?? 'redis-server';

/**
 * Starts the redis-server that is found on PATH, and resolves when it accepts connections.
 *
 * @throws {Error} with the end of its log, when it does not start
 */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-redis-'));
  const files = { folder, path: join(folder, 'redis.sock'), aclFile: join(folder, 'users.acl') };
  try {
    const { program = DEFAULT_PROGRAM, isSentinel = false } = options;
    const args = await prepare(files, options);
    const start: Start = ({ args: given = options.args, readyText = READY_TEXTS[`${isSentinel}`] } = {}) =>
      launch(program, [...args(given), ...(isSentinel ? ['--sentinel'] : [])], readyText);
    return createTestRedis(files, await start(), start);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

type ClientOptions = Omit<RedisOptions, 'path' | 'replyMapping'>;
type Arguments = (given?: readonly string[]) => readonly string[];
type Start = (options?: RestartOptions) => Promise<ChildProcess>;

function createTestRedis({ folder, path }: RedisFiles, first: ChildProcess, launchAgain: Start): TestRedis {
  let server = first;
  const clients: Redis[] = [];

  const connect = (options: ClientOptions = {}) => {
    const client = new Redis(path, options);
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  const end = async (signal: NodeJS.Signals) => {
    if (hasEnded(server)) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  const start = async (options?: RestartOptions) => {
    if (!hasEnded(server)) throw new Error('this redis-server is running already');
    server = await launchAgain(options);
  };
  return {
    path,
    url: `unix://${path}`,
    get pid() {
      return server.pid ?? 0;
    },
    client: connect({ maxRetriesPerRequest: null, retryStrategy: () => 20, lazyConnect: true }),
    connect,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    start,
    async restart(options) {
      await end('SIGKILL');
      await start(options);
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.disconnect();
      await end('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

async function prepare(files: RedisFiles, options: TestRedisOptions): Promise<Arguments> {
  const { acl, config, keepsData = false } = options;
  if (acl !== undefined) await writeFile(files.aclFile, acl, { mode: 0o600 });
  if (config !== undefined) {
    const configFile = join(files.folder, 'redis.conf');
    await writeFile(configFile, config(files), { mode: 0o600 });
    return () => [configFile];
  }
  const { folder, path, aclFile } = files;
  const fixed = ['--port', '0', '--unixsocket', path, '--dir', folder, '--save', ''];
  if (keepsData) fixed.push('--appendonly', 'yes', '--appendfsync', 'always');
  if (acl !== undefined) fixed.push('--aclfile', aclFile);
  return (given = []) => [...fixed, ...given];
}

const READY_TEXTS = { false: 'ready to accept connections', true: 'sentinel id is' };
const LOG_CHARACTERS = 4_000;

async function launch(program: string, args: readonly string[], readyText: string): Promise<ChildProcess> {
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ready = Promise.withResolvers<void>();
  let log = '';
  server.once('error', ready.reject);
  server.once('close', () => ready.reject(new Error(`${program} did not start:\n${log}`)));
  // The log is read for as long as the server runs: a full pipe would block it.
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log = `${log}${chunk}`.slice(-LOG_CHARACTERS);
      if (log.toLowerCase().includes(readyText.toLowerCase())) ready.resolve();
    });
  }
  await ready.promise;
  return server;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
