import { join } from 'node:path';
import { type StartConfig, urlOf } from './config.ts';
import { lockDataFolder } from './data-lock.ts';
import { type Family, openFamily } from './family.ts';
import { prepareKeys } from './keys.ts';
import { requirePorts } from './ports.ts';
import { createPrivateRedis, type PrivateRedis } from './private-redis.ts';
import { readMissing, waitUntilUp } from './readiness.ts';
import { findRedisServer } from './redis-server.ts';
import { openRuntimeFolder, type RuntimeFolder } from './runtime-folder.ts';
import { serviceSpec } from './services.ts';

export interface Stack extends AsyncDisposable {
  /** The API key that this start made, to be shown once. */
  readonly firstKey: string | undefined;
  /** One line for each thing that the services go without. */
  readonly missing: readonly string[];
  /** Resolves with the reason when a part has ended for good. */
  readonly failure: Promise<string>;
}

export interface OpenStackOptions {
  /** Ends the wait for the services; the stack then comes back half up, to be closed. */
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
}

const CONNECT_MS = 3_000;

/**
 * Starts a private Redis (unless there is a `REDIS_URL`), rag and crawler, and waits until they answer.
 *
 * @throws StartError, ConfigError or KeyFileError, for the person who typed `npm start`; nothing is left running
 */
export async function openStack(config: StartConfig, { signal, report }: OpenStackOptions): Promise<Stack> {
  await using opened = new AsyncDisposableStack();
  opened.use(await lockDataFolder(config.dataDir));
  const folder = opened.use(await openRuntimeFolder());
  if (!folder.isInMemory) report(`no tmpfs here: sockets and secrets lie in ${folder.path}`);
  await requirePorts(wantedPorts(config));
  const crawlerKeyFile = config.hasCrawlerKey ? undefined : join(folder.path, 'crawler/rag-key');
  const firstKey = await prepareKeys(config.keysFile, config.givenKey, crawlerKeyFile);
  const family = opened.use(openFamily({ onSpawn: folder.addChild, report }));
  const failed = new AbortController();
  opened.defer(() => failed.abort());
  const parts = { folder, family, signal: AbortSignal.any([signal, failed.signal]), report };
  const redis = await startRedis(config, parts);
  const missing = await startServices(config, { ...parts, redis, crawlerKeyFile });
  const resources = opened.move();
  return {
    firstKey,
    missing,
    failure: family.failure,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function wantedPorts({ rag, crawler }: StartConfig) {
  return [
    { service: 'rag', ...rag, hostVariable: 'RAG_HOST', portVariable: 'RAG_PORT' },
    { service: 'crawler', ...crawler, hostVariable: 'CRAWL_HOST', portVariable: 'CRAWL_PORT' },
  ];
}

interface Parts {
  readonly folder: RuntimeFolder;
  readonly family: Family;
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
}

/** Undefined when the operator has a Redis, or the machine has none. */
async function startRedis(
  { hasRedisUrl, redisPassword }: StartConfig,
  { folder, family, signal, report }: Parts,
): Promise<PrivateRedis | undefined> {
  if (hasRedisUrl) return undefined;
  const program = await findRedisServer();
  if ('missing' in program) {
    report(`no private Redis: ${program.missing}`);
    return undefined;
  }
  const redis = await createPrivateRedis(folder.path, program, redisPassword);
  await family.add(redis.spec, () => redis.waitUntilReady(signal));
  return redis;
}

interface ServiceParts extends Parts {
  readonly redis: PrivateRedis | undefined;
  readonly crawlerKeyFile: string | undefined;
}

async function startServices(
  config: StartConfig,
  { folder, family, signal, redis, crawlerKeyFile }: ServiceParts,
): Promise<readonly string[]> {
  const common = { XNAI_DATA_DIR: config.dataDir, XNAI_API_KEYS_FILE: config.keysFile };
  const rag = serviceSpec('rag', { ...common, ...redis?.loginsOf('rag') });
  const crawler = serviceSpec('crawler', {
    ...common,
    ...redis?.loginsOf('crawler'),
    CRAWL_RAG_URL: config.ragUrl,
    ...(crawlerKeyFile === undefined ? {} : { CRAWL_RAG_KEY_FILE: crawlerKeyFile }),
    CRAWL_WORK_DIR: process.env['CRAWL_WORK_DIR'] ?? join(folder.path, 'crawler/work'),
    // Where this machine has no folder in memory, the stack has said so already.
    ...(folder.isInMemory ? {} : { CRAWL_WORK_DIR_ANYWHERE: 'true' }),
  });
  const urls = { rag: urlOf(config.rag), crawler: urlOf(config.crawler) };
  await Promise.all([
    family.add(rag, () => waitUntilUp('rag', urls.rag, signal)),
    family.add(crawler, () => waitUntilUp('crawler', urls.crawler, signal)),
  ]);
  return readMissing(Object.values(urls), redis === undefined ? 0 : CONNECT_MS);
}
