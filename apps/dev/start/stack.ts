import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESSES_FILE, type Addresses, CLI_KEY_FILE, DATA_FOLDER_FILE, REDIS_FOLDER } from '@xnai/ops';
import { commandAudit } from '@xnai/ops/audit';
import { LockError, lockFolder } from '@xnai/service/lock';
import { makeFolder } from '@xnai/service/make-folder';
import { type StartConfig, urlOf } from './config.ts';
import { prepareKeys } from './keys.ts';
import { requirePorts } from './ports.ts';
import { readMissing } from './readiness.ts';
import { createPrivateRedis, findRedisServer, redisLogins } from './redis.ts';
import { openRuntimeFolder, type RuntimeFolder } from './runtime-folder.ts';
import { type ServiceName, servicePart } from './service-process.ts';
import { StartError } from './start-error.ts';
import { Supervisor } from './supervisor.ts';

export interface Stack extends AsyncDisposable {
  /** The API key that this start created, to be shown once. */
  readonly firstKey: string | undefined;
  /** One line for each missing component. */
  readonly missing: readonly string[];
  /** Resolves with the reason when a part has ended and is not restarted. */
  readonly failure: Promise<string>;
}

export interface OpenStackOptions {
  /** Cancels the start. The stack is then returned incomplete, to be closed. */
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
}

const CONNECT_MS = 3_000;

/**
 * Starts a private Redis (unless there is a `REDIS_URL`), rag and crawler, and waits until they answer. When it
 * throws, all processes have been stopped.
 *
 * @throws {StartError} when a part does not start, or when its port or the data folder is in use
 * @throws {ConfigError} when the given API key does not have the form of a key
 * @throws {KeyFileError} when the key file cannot be used
 */
export async function openStack(config: StartConfig, { signal, report }: OpenStackOptions): Promise<Stack> {
  await using opened = new AsyncDisposableStack();
  opened.use(await lockDataFolder(config.dataDir));
  const folder = opened.use(await openRuntimeFolder());
  if (!folder.isInMemory)
    report(`there is no tmpfs on this machine: sockets and secrets are in ${folder.path}`);
  await writeFile(join(folder.path, DATA_FOLDER_FILE), config.dataDir);
  await requirePorts([
    { service: 'rag', ...config.rag, prefix: 'RAG' },
    { service: 'crawler', ...config.crawler, prefix: 'CRAWL' },
  ]);
  const addresses: Addresses = { rag: urlOf(config.rag), crawler: urlOf(config.crawler) };
  await writeFile(join(folder.path, ADDRESSES_FILE), JSON.stringify(addresses));
  const crawlerKeyFile = config.hasCrawlerKey ? undefined : join(folder.path, 'crawler/rag-key');
  const cliKeyFile = join(folder.path, CLI_KEY_FILE);
  const firstKey = await writeKeys(config, { crawlerKeyFile, cliKeyFile });
  const supervisor = opened.use(new Supervisor({ onSpawn: folder.addChild, report }));
  const failed = new AbortController();
  opened.defer(() => failed.abort());
  const parts = { folder, supervisor, signal: AbortSignal.any([signal, failed.signal]), report };
  const hasPrivateRedis = await startRedis(config, parts);
  const missing = await startServices(config, { ...parts, hasPrivateRedis, crawlerKeyFile });
  const resources = opened.move();
  return {
    firstKey,
    missing,
    failure: supervisor.failure,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function writeKeys(
  config: StartConfig,
  files: { readonly crawlerKeyFile: string | undefined; readonly cliKeyFile: string },
) {
  const audit = commandAudit(config.audit);
  return await prepareKeys(config.keysFile, config.givenKey, { ...files, audit });
}

/** Two stacks on one data folder would write to the same index. */
async function lockDataFolder(folder: string): Promise<Disposable> {
  try {
    await makeFolder(folder);
    return await lockFolder(folder);
  } catch (cause) {
    const message =
      cause instanceof LockError && cause.code === 'LOCKED'
        ? `another stack is using the data folder ${folder}. Stop that stack, or choose another folder: XNAI_DATA_DIR=./data2 npm start`
        : `the data folder ${folder} cannot be used: ${reasonOf(cause)}`;
    throw new StartError(message, { cause });
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

interface Parts {
  readonly folder: RuntimeFolder;
  readonly supervisor: Supervisor;
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
}

/** @returns false when `REDIS_URL` names another Redis, or no Redis is installed */
async function startRedis(
  { dataDir, hasRedisUrl, redisPassword: seed }: StartConfig,
  { folder, supervisor, signal, report }: Parts,
): Promise<boolean> {
  if (hasRedisUrl) return false;
  const server = await findRedisServer();
  if ('missing' in server) {
    report(`no private Redis: ${server.missing}`);
    return false;
  }
  const folders = { folder: folder.path, keepFolder: join(dataDir, REDIS_FOLDER) };
  await supervisor.add(await createPrivateRedis(server, { ...folders, seed, signal }));
  return true;
}

interface ServiceParts extends Parts {
  readonly hasPrivateRedis: boolean;
  readonly crawlerKeyFile: string | undefined;
}

async function startServices(
  config: StartConfig,
  { folder, supervisor, signal, hasPrivateRedis, crawlerKeyFile }: ServiceParts,
): Promise<readonly string[]> {
  const start = (name: ServiceName, url: string, own: Readonly<Record<string, string>>) => {
    const logins = hasPrivateRedis ? redisLogins(folder.path, name) : {};
    const common = { XNAI_DATA_DIR: config.dataDir, XNAI_API_KEYS_FILE: config.keysFile };
    return supervisor.add(servicePart(name, { url, env: { ...common, ...logins, ...own }, signal }));
  };
  const urls = { rag: urlOf(config.rag), crawler: urlOf(config.crawler) };
  await Promise.all([
    start('rag', urls.rag, { RAG_CRAWLER_URL: config.crawlerUrl }),
    start('crawler', urls.crawler, {
      CRAWL_RAG_URL: config.ragUrl,
      ...(crawlerKeyFile === undefined ? {} : { CRAWL_RAG_KEY_FILE: crawlerKeyFile }),
      CRAWL_WORK_DIR: process.env['CRAWL_WORK_DIR'] ?? join(folder.path, 'crawler/work'),
      // openStack has already reported that there is no tmpfs.
      ...(folder.isInMemory ? {} : { CRAWL_WORK_DIR_ANYWHERE: 'true' }),
    }),
  ]);
  return readMissing(Object.values(urls), hasPrivateRedis ? CONNECT_MS : 0);
}
