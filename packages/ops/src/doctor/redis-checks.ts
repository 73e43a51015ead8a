import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectRedis, faultOf } from '@xnai/resilience';
import { parseServerVersion } from '@xnai/secrets';
import { lastLine, serviceOf } from '../podman/podman.ts';
import { listRuns, runBases } from '../runs/runs.ts';
import { about, type Finding } from './finding.ts';
import type { Scene } from './scene.ts';
import { checkSentinels, judgeReplication } from './sentinel-checks.ts';

const ASK_MS = 2_000;

export async function checkRedis(scene: Scene): Promise<readonly Finding[]> {
  const { error } = about('redis');
  try {
    const inside = await askContainer(scene);
    const url = inside === undefined ? await urlOf(scene) : undefined;
    const watching = url === undefined ? [] : await checkSentinels(url);
    // Who the master is, is not known then.
    if (watching.some(({ level }) => level === 'error')) return watching;
    const info = url === undefined ? inside : await askInfo(url);
    if (info === undefined) return await checkServer(scene);
    return [...watching, ...judgeReplication(info), ...judge(info, commandToLook(scene))];
  } catch (cause) {
    return [error(`it cannot be reached: ${(cause as Error).message}`, commandToLook(scene))];
  }
}

function commandToLook({ settings, containers, dataDir }: Scene): string {
  if (settings['REDIS_URL'] !== undefined) return 'redis-cli -u "$REDIS_URL" info persistence';
  return containers.length > 0 ? 'podman compose logs --tail 50 redis' : `df -h ${dataDir}`;
}

/** The server that `npm start` would start. */
async function checkServer({ host, isInside, podman }: Scene): Promise<readonly Finding[]> {
  if (isInside || podman.kind === 'works') return [];
  const { warning, ok } = about('redis');
  for (const program of ['valkey-server', 'redis-server']) {
    const ran = await host.run(program, '--version');
    const version = parseServerVersion(ran?.stdout ?? '');
    if (version !== undefined && version.major >= OLDEST_MAJOR)
      return [ok(`${program} ${version.major}.${version.minor} is installed`)];
  }
  const cause = `neither valkey-server nor redis-server ${OLDEST_MAJOR} or newer is installed: without it \`npm start\` crawls nothing`;
  return [warning(cause, 'sudo apt install redis-server')];
}

/** INFO of the stack's Redis in its container; undefined when there is none. */
async function askContainer({ containers, host, project }: Scene): Promise<string | undefined> {
  const redis = containers.find(
    (container) => container.state === 'running' && serviceOf(container, project) === 'redis',
  );
  if (redis === undefined) return undefined;
  const ran = await host.run('podman', 'exec', redis.name, 'sh', '-c', ASK_INSIDE);
  if (ran === undefined || ran.code !== 0)
    throw new Error(ran === undefined ? 'podman ended' : lastLine(ran));
  return ran.stdout;
}

/** Undefined when this stack has no Redis that can be asked from here. */
async function urlOf(scene: Scene): Promise<string | undefined> {
  const { host, settings } = scene;
  const named = settings['REDIS_URL_FILE'];
  const file = named === undefined ? await privateLogin(scene) : host.at(named);
  return settings['REDIS_URL'] ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim());
}

/** The login for monitoring of the Redis that `npm start` has started for this data folder. */
async function privateLogin({ host, isInside, dataDir }: Scene): Promise<string | undefined> {
  const runs = isInside ? [] : await listRuns(runBases(host.env).map(host.at));
  const run = runs.find((one) => one.isAlive && one.dataDir === dataDir);
  return run === undefined ? undefined : join(run.path, 'monitor/redis-url');
}

/** The password stays off the command line. The image has the client of either Redis or Valkey. */
const ASK_INSIDE = `cli=$(command -v redis-cli || command -v valkey-cli)
REDISCLI_AUTH=$(cat /run/xnai/monitor-password) "$cli" --no-auth-warning --user monitor info`;

async function askInfo(url: string): Promise<string> {
  const client = connectRedis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
    enableReadyCheck: false,
    connectTimeout: ASK_MS,
    commandTimeout: ASK_MS,
  });
  try {
    await client.connect();
    return await client.info();
  } catch (error) {
    throw new Error(faultOf(client) ?? (error as Error).message, { cause: error });
  } finally {
    client.disconnect();
  }
}

const OLDEST_MAJOR = 7;
const NEARLY_FULL = 0.8;

function judge(info: string, commandToLook: string): readonly Finding[] {
  const { error, warning, ok } = about('redis');
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const [used, limit] = [Number(field('used_memory')), Number(field('maxmemory'))];
  const version = field('redis_version');
  const findings = [
    ...(Number.parseInt(version, 10) < OLDEST_MAJOR
      ? [
          error(
            `Redis ${version} is too old: it knows no users with key patterns`,
            'podman pull docker.io/library/redis:8',
          ),
        ]
      : []),
    ...(limit === 0 ? [error('it has no maxmemory: it may take all memory there is', RECREATE)] : []),
    ...(field('maxmemory_policy') === 'noeviction'
      ? []
      : [
          error(
            `its policy ${field('maxmemory_policy')} lets it drop jobs and breakers; it must be noeviction`,
            RECREATE,
          ),
        ]),
    ...(limit > 0 && used / limit > NEARLY_FULL
      ? [
          warning(
            `it is ${Math.round((used / limit) * 100)} % full`,
            'echo REDIS_MAXMEMORY=512mb >>.env   # and raise its mem_limit',
          ),
        ]
      : []),
    ...['rdb_last_bgsave_status', 'aof_last_write_status', 'aof_last_bgrewrite_status']
      .filter((name) => field(name) === 'err')
      .map((name) => error(`it cannot save its data (${name}: err)`, commandToLook)),
  ];
  return findings.length > 0
    ? findings
    : [ok(`${version}, ${Math.round((used / limit) * 100)} % of its memory in use, noeviction`)];
}

const RECREATE = 'podman compose up -d --force-recreate secrets redis';
