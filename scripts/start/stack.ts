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
  /** What the services go without, and why there is no Redis when there is none. */
  readonly missing: readonly string[];
  /** Resolves with the reason when a part has ended for good. */
  readonly failure: Promise<string>;
}

export interface OpenStackOptions {
  /** Ends the wait for the services; the stack then comes back half up, to be closed. */
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
}

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
  const redis = await startRedis(config, { folder, family, signal });
  const missing = await startServices(config, {
    folder,
    family,
    signal,
    redis: redis.server,
    crawlerKeyFile,
  });
  const resources = opened.move();
  return {
    firstKey,
    missing: [...redis.missing, ...missing],
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
}

async function startRedis(
  config: StartConfig,
  { folder, family, signal }: Parts,
): Promise<{ readonly server?: PrivateRedis; readonly missing: readonly string[] }> {
  if (config.hasRedisUrl) return { missing: [] };
  const program = await findRedisServer();
  if ('missing' in program)
    return { missing: [`Redis: crawls are off, everything else works (${program.missing})`] };
  const server = await createPrivateRedis(folder.path, program, config.redisPassword);
  await family.add(server.spec, () => server.waitUntilReady(signal));
  return { server, missing: [] };
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
  });
  const urls = { rag: urlOf(config.rag), crawler: urlOf(config.crawler) };
  await Promise.all([
    family.add(rag, () => waitUntilUp('rag', urls.rag, signal)),
    family.add(crawler, () => waitUntilUp('crawler', urls.crawler, signal)),
  ]);
  return readMissing(Object.values(urls));
}
